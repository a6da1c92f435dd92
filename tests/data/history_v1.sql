BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE answers (
	profile VARCHAR(32) NOT NULL, 
	question VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	answer JSON NOT NULL, 
	PRIMARY KEY (profile, question, day), 
	FOREIGN KEY(profile) REFERENCES profiles (id) ON DELETE CASCADE
);
INSERT INTO "answers" VALUES('a0','birth','2026-09-01','"vaginal"');
INSERT INTO "answers" VALUES('a0','today','2026-09-03','["none"]');
CREATE TABLE clearances (
	id VARCHAR(32) NOT NULL, 
	profile VARCHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	allows BOOLEAN NOT NULL, 
	exercises JSON, 
	said_by TEXT NOT NULL, 
	note TEXT NOT NULL, 
	written_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(profile) REFERENCES profiles (id) ON DELETE CASCADE
);
INSERT INTO "clearances" VALUES('c0','a0','2026-09-02',1,'["twist"]','my midwife','small','2026-09-02 09:00:00.000000');
CREATE TABLE cues (
	session VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	at_s FLOAT NOT NULL, 
	check_id VARCHAR(64) NOT NULL, 
	easier BOOLEAN NOT NULL, 
	PRIMARY KEY (session, number), 
	FOREIGN KEY(session) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "cues" VALUES('s0',4,0,33.0,'too_fast',0);
CREATE TABLE cycles (
	session VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	at_s FLOAT NOT NULL, 
	nth INTEGER NOT NULL, 
	side VARCHAR(8), 
	PRIMARY KEY (session, number), 
	FOREIGN KEY(session) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "cycles" VALUES('s0',2,0,24.0,1,NULL);
INSERT INTO "cycles" VALUES('s0',3,0,32.0,2,NULL);
CREATE TABLE exercises (
	session VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	exercise VARCHAR(64) NOT NULL, 
	strictness VARCHAR(16) NOT NULL, 
	at_s FLOAT NOT NULL, 
	ended_s FLOAT, 
	outcome VARCHAR(16), 
	in_pose_s FLOAT, 
	held_s FLOAT, 
	stopped_for VARCHAR(64), 
	PRIMARY KEY (session, position), 
	FOREIGN KEY(session) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "exercises" VALUES('s0',0,'cat','gentle',12.0,70.0,'done',48.0,0.0,NULL);
INSERT INTO "exercises" VALUES('s0',1,'downward_dog','gentle',95.0,182.0,'done',20.0,16.0,NULL);
INSERT INTO "exercises" VALUES('s1',0,'twist','standard',10.0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE faults (
	session VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	check_id VARCHAR(64) NOT NULL, 
	seconds FLOAT NOT NULL, 
	PRIMARY KEY (session, position, check_id), 
	FOREIGN KEY(session, position) REFERENCES exercises (session, position) ON DELETE CASCADE
);
INSERT INTO "faults" VALUES('s0',0,'too_fast',3.5);
CREATE TABLE holds (
	session VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	at_s FLOAT NOT NULL, 
	seconds FLOAT NOT NULL, 
	side VARCHAR(8), 
	PRIMARY KEY (session, number), 
	FOREIGN KEY(session) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "holds" VALUES('s0',9,1,130.0,8.0,NULL);
INSERT INTO "holds" VALUES('s0',10,1,170.0,8.0,NULL);
INSERT INTO "holds" VALUES('s1',2,0,31.0,15.0,'left');
CREATE TABLE profiles (
	id VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "profiles" VALUES('a0','Ana','en','2026-09-01 08:00:00.000000');
INSERT INTO "profiles" VALUES('b0','Бела','ru','2026-09-02 08:00:00.000000');
CREATE TABLE sessions (
	id VARCHAR(32) NOT NULL, 
	profile VARCHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	started_at DATETIME NOT NULL, 
	programme VARCHAR(64), 
	planned JSON NOT NULL, 
	seconds FLOAT, 
	outcome VARCHAR(16), 
	stopped_for VARCHAR(64), 
	pain_before INTEGER, 
	pain_after INTEGER, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(profile) REFERENCES profiles (id) ON DELETE CASCADE
);
INSERT INTO "sessions" VALUES('s0','a0','2026-09-03','2026-09-03 18:00:00.000000','five_minutes','["cat", "downward_dog"]',182.5,'done',NULL,4,2,'slept well');
INSERT INTO "sessions" VALUES('s1','a0','2026-09-05','2026-09-05 18:00:00.000000',NULL,'["twist"]',NULL,NULL,NULL,3,NULL,'');
COMMIT;
