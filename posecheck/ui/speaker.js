// Speaks and chimes. What has been said is remembered by the window, so neither a rerun nor a remount repeats it.

const CHIMES = { start: [523.25, 659.25], held: [659.25], done: [523.25, 659.25, 783.99] };
const RANK_OF_CHIME = { held: 1, start: 2, done: 3 };
const STALE_MS = 4000; // a sentence that had to wait longer than this is no longer true enough to say
const AFTER_CHIME_MS = 650;

function voiceBox() {
  if (!window.posecheckVoice) {
    const box = { said: new Set(), current: null, waiting: null, audio: null, level: 1, rate: 1, lang: "en", tellSilent: null };
    // Browsers let a page sound only after somebody touched it; START is that touch.
    const wake = () => { audio(box)?.resume(); };
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake, { capture: true });
    window.posecheckVoice = box;
  }
  return window.posecheckVoice;
}

function audio(box) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!box.audio && Context) box.audio = new Context();
  return box.audio;
}

function chime(box, name) {
  const context = audio(box);
  if (!context || box.level === 0) return;
  context.resume();
  CHIMES[name].forEach((pitch, i) => {
    const at = context.currentTime + 0.03 + i * 0.17;
    for (const [overtone, share] of [[1, 1], [2, 0.18], [3.01, 0.05]]) {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = pitch * overtone;
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(0.16 * share * box.level, at + 0.025);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 1.3 / overtone);
      tone.connect(loudness).connect(context.destination);
      tone.start(at);
      tone.stop(at + 1.4);
    }
  });
}

// Only a voice that lives on this computer: some browsers offer voices that send every sentence to a server.
function ownVoice(lang) {
  const voices = window.speechSynthesis.getVoices();
  const own = voices.filter((voice) => voice.localService);
  const fits = (voice) => voice.lang.toLowerCase().replace("_", "-").startsWith(lang);
  return { known: voices.length > 0, voice: own.find((v) => fits(v) && v.default) || own.find(fits) };
}

function offer(box, saying) {
  const current = box.current;
  if (!current) return speak(box, saying);
  if (saying.rank > current.rank) {
    box.waiting = null;
    finish(box, current);
    window.speechSynthesis.cancel();
    setTimeout(() => offer(box, saying), 120);
  } else if (!box.waiting || saying.rank >= box.waiting.rank) {
    box.waiting = { ...saying, offered: Date.now() };
  }
}

function speak(box, saying) {
  const synth = window.speechSynthesis;
  if (!synth || box.level === 0) return;
  const { known, voice } = ownVoice(box.lang);
  if (known && !voice) {
    box.tellSilent?.(); // the captions and the chimes remain
    return;
  }
  const utterance = new SpeechSynthesisUtterance(saying.text);
  utterance.lang = voice?.lang || box.lang;
  if (voice) utterance.voice = voice;
  utterance.rate = 0.94 * box.rate;
  utterance.volume = box.level;
  const turn = { rank: saying.rank, utterance };
  box.current = turn;
  utterance.onend = utterance.onerror = () => next(box, turn);
  // Some browsers forget to say that they have finished.
  turn.timer = setTimeout(() => next(box, turn), 3000 + (saying.text.length * 110) / box.rate);
  synth.speak(utterance);
}

function finish(box, turn) {
  clearTimeout(turn.timer);
  if (box.current === turn) box.current = null;
}

function next(box, turn) {
  if (box.current !== turn) return;
  finish(box, turn);
  const waiting = box.waiting;
  box.waiting = null;
  if (waiting && Date.now() - waiting.offered < STALE_MS) speak(box, waiting);
}

export default function ({ data, setStateValue }) {
  const box = voiceBox();
  box.tellSilent = () => { if (!data.silent) setStateValue("silent", true); };
  const fresh = data.sayings.filter((saying) => !box.said.has(saying.id));
  fresh.forEach((saying) => box.said.add(saying.id));
  box.lang = data.lang;
  box.rate = data.rate;
  const level = { on: 1, quiet: 0.35, mute: 0 }[data.voice];
  if (level === 0 && box.level !== 0) window.speechSynthesis?.cancel();
  box.level = level;
  const rings = fresh.filter((saying) => saying.chime);
  rings.sort((a, b) => RANK_OF_CHIME[b.chime] - RANK_OF_CHIME[a.chime]);
  if (rings.length) chime(box, rings[0].chime);
  const spoken = fresh.filter((saying) => saying.text);
  if (!spoken.length) return;
  // Of several at once the weightiest, and of those the newest: no backlog of what was true a moment ago.
  const best = spoken.reduce((chosen, saying) => (saying.rank >= chosen.rank ? saying : chosen));
  if (rings.length) setTimeout(() => offer(box, best), AFTER_CHIME_MS);
  else offer(box, best);
}
