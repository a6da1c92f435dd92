# ruff: noqa: E501  (GLSL keeps its own line lengths)
"""GLSL programs of the renderer: shadow map, ambient occlusion, and one shading program for all materials."""

VERTEX = """#version 330
in vec3 pos; in vec3 nrm; in vec2 uv; in vec3 rest; in float cut;
uniform mat4 VP; uniform mat4 LVP; uniform mat3 Vr;
out vec3 wp; out vec3 wn; out vec2 tuv; out vec3 rp; out float fc; out vec4 lp; out vec3 vn;
void main(){
  wp = pos; wn = nrm; tuv = uv; rp = rest; fc = cut;
  lp = LVP * vec4(pos, 1); vn = Vr * nrm; gl_Position = VP * vec4(pos, 1);
}
"""

DEPTH = """#version 330
in float fc;
void main(){ if (fc < 0.) discard; }
"""

NORMALS = """#version 330
in float fc; in vec3 vn; out vec4 o;
void main(){
  if (fc < 0.) discard;
  vec3 n = normalize(vn); if (!gl_FrontFacing) n = -n;
  o = vec4(n * .5 + .5, 1);
}
"""

QUAD = """#version 330
in vec2 v; out vec2 q;
void main(){ q = v * .5 + .5; gl_Position = vec4(v, 0, 1); }
"""

OCCLUSION = """#version 330
in vec2 q; out float o;
uniform sampler2D D; uniform sampler2D G; uniform mat4 P; uniform mat4 iP;
vec3 view_point(vec2 u){ float d = texture(D, u).r; vec4 c = iP * vec4(u * 2. - 1., d * 2. - 1., 1.); return c.xyz / c.w; }
float hash(vec2 p){ return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }
void main(){
  vec4 g = texture(G, q);
  if (g.a < .5) { o = 1.; return; }
  vec3 p = view_point(q); vec3 n = normalize(g.xyz * 2. - 1.);
  float turn = hash(mod(gl_FragCoord.xy, 4.)) * 6.2831; float s = 0.;
  const int K = 8; const float R = .28;
  vec3 b = normalize(abs(n.y) < .9 ? cross(n, vec3(0, 1, 0)) : cross(n, vec3(1, 0, 0))); vec3 c = cross(n, b);
  for (int i = 0; i < K; i++) {
    float t = (float(i) + .5) / float(K); float a = turn + float(i) * 2.399963; float z = sqrt(1. - t);
    vec3 d = vec3(cos(a) * sqrt(t), sin(a) * sqrt(t), z);
    float r = R * mix(.08, 1., fract(float(i) * .618 + .3));
    vec3 sp = p + (b * d.x + c * d.y + n * d.z) * r + n * .012;
    vec4 k = P * vec4(sp, 1); float sz = view_point(k.xy / k.w * .5 + .5).z;
    s += (sz > sp.z + .006 ? 1. : 0.) * smoothstep(0., 1., R / (abs(p.z - sz) + 1e-4));
  }
  o = 1. - s / float(K);
}
"""

BLUR = """#version 330
in vec2 q; out float o; uniform sampler2D A; uniform vec2 res;
void main(){
  float s = 0.;
  for (int x = -2; x < 2; x++) for (int y = -2; y < 2; y++) s += texture(A, q + (vec2(x, y) + .5) / res).r;
  o = s / 16.;
}
"""

MASK = """#version 330
in float fc; out float o;
void main(){ if (fc < 0.) discard; o = 1.; }
"""

LAST_OF_PERSON = 4
"""Materials up to this one are the person's."""

_COMMON = """#version 330
vec3 tone(vec3 c){
  c = c * (2.51 * c + .03) / (c * (2.43 * c + .59) + .14) * 1.06;
  return pow(clamp(c, 0., 1.), vec3(1. / 2.2));
}
float hash(vec3 p){ p = fract(p * .3183099 + .1); p *= 17.; return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x){
  vec3 i = floor(x), f = fract(x); f = f * f * (3. - 2. * f);
  return mix(mix(mix(hash(i), hash(i + vec3(1,0,0)), f.x), mix(hash(i + vec3(0,1,0)), hash(i + vec3(1,1,0)), f.x), f.y),
             mix(mix(hash(i + vec3(0,0,1)), hash(i + vec3(1,0,1)), f.x),
                 mix(hash(i + vec3(0,1,1)), hash(i + vec3(1,1,1)), f.x), f.y), f.z);
}
"""

_SHADOW = """
float shadow(vec4 lp, sampler2DShadow SM){
  vec3 c = lp.xyz / lp.w * .5 + .5; float s = 0.;
  float a0 = hash(vec3(mod(gl_FragCoord.xy, 8.), 1.)) * 6.283;
  for (int i = 0; i < 6; i++) {
    float r = sqrt((float(i) + .5) / 6.) * .0065; float a = a0 + float(i) * 2.399963;
    s += texture(SM, vec3(c.xy + vec2(cos(a), sin(a)) * r, c.z - .0018));
  }
  return s / 6.;
}
"""

COMPOSE = (
    _COMMON
    + _SHADOW
    + """
in vec2 q; out vec4 o;
uniform sampler2D LIT; uniform sampler2D DARK; uniform sampler2D D; uniform sampler2D AO; uniform sampler2DShadow SM;
uniform mat4 iVP; uniform mat4 LVP; uniform float exposure;
void main(){
  vec4 w = iVP * vec4(q * 2. - 1., texture(D, q).r * 2. - 1., 1.);
  float sh = shadow(LVP * vec4(w.xyz / w.w, 1.), SM); float ao = pow(texture(AO, q).r, 1.25);
  o = vec4(tone((texture(LIT, q).rgb * sh + texture(DARK, q).rgb * ao) * exposure), 1);
}
"""
)
"""The room behind the person: its light was worked out once, each frame only takes shadow and nooks away."""

_SHADE = (
    _COMMON
    + _SHADOW
    + """
in vec3 wp; in vec3 wn; in vec2 tuv; in vec3 rp; in float fc; in vec4 lp; in vec3 vn; layout(location=0) out vec4 o; layout(location=1) out vec4 o2;
uniform sampler2D tex; uniform sampler2DShadow SM; uniform sampler2D AO; uniform vec2 res;
uniform vec3 eye; uniform vec3 L; uniform vec3 col; uniform vec3 hairc; uniform vec3 irisc;
uniform vec3 brow[6]; uniform vec3 eyes[2]; uniform vec3 keyc; uniform vec3 skyc; uniform vec3 groundc;
uniform float exposure; uniform int stripes; uniform float lids;
vec3 lin(vec3 c){ return pow(c, vec3(2.2)); }
float seg(vec3 p, vec3 a, vec3 b, out float t){
  vec3 d = b - a; t = clamp(dot(p - a, d) / dot(d, d), 0., 1.); return length(p - a - d * t);
}
void main(){
  if (fc < 0.) DISCARD;
  vec3 n = normalize(wn); vec3 v = normalize(eye - wp);
  if (mat < 5 && !gl_FrontFacing) n = -n;
  vec3 alb = vec3(.6); float rough = .6, spec = .04, wrap = .15; vec3 sss = vec3(0);
  if (mat == 0) {                                               // skin, with painted brows, lashes and lids
    alb = lin(texture(tex, tuv).rgb); rough = .46; spec = .035; wrap = .30; sss = vec3(.10, .018, .008);
    for (int e = 0; e < 2; e++) {
      float t, t2; float d1 = seg(rp, brow[e*3], brow[e*3+1], t), d2 = seg(rp, brow[e*3+1], brow[e*3+2], t2);
      float w = (d1 < d2) ? mix(.0062, .0058, t) : mix(.0058, .0022, t2);
      float k = smoothstep(w * 1.5, w * .4, min(d1, d2)) * (.8 + .2 * noise(rp * vec3(900, 300, 300)));
      alb = mix(alb, lin(hairc), .9 * k);
      vec3 q = rp - eyes[e];
      float lash = smoothstep(.0035, .001, abs(length(q.xy * vec2(.78, 1.5)) - .0125)) * step(0., q.y) * step(-.03, q.z);
      alb *= 1. - .55 * lash;
    }
  } else if (mat == 1) {                                        // knitted top with soft folds
    float w = noise(rp * vec3(420)); alb = lin(col) * (.88 + .22 * w);
    if (stripes == 1) alb = mix(alb, vec3(.03, .05, .12), 0.
                            + step(.66, fract(rp.y * 21.)));
    float f = noise(rp * vec3(9, 5, 9) + 3.) * .6 + noise(rp * vec3(24, 13, 24)) * .4;
    vec3 g = vec3(noise(rp * vec3(16, 8, 16) + 1.7) - .5, 0, noise(rp * vec3(16, 8, 16) + 9.1) - .5)
      + .5 * vec3(noise(rp * vec3(42, 18, 42)) - .5, noise(rp * 30. + 4.) - .5, noise(rp * vec3(42, 18, 42) + 5.) - .5);
    n = normalize(n + g * .34); alb *= .86 + .28 * f; if (fc < .012) alb *= .78; rough = .9; spec = .02;
  } else if (mat == 2) {                                        // leggings
    float w = noise(rp * vec3(700)); alb = lin(col) * (.9 + .2 * w);
    vec3 g = vec3(noise(rp * 30.) - .5, noise(rp * 30. + 7.) - .5, noise(rp * 30. + 13.) - .5);
    n = normalize(n + g * .10); rough = .62; spec = .03; if (fc < .02) alb *= .8;
  } else if (mat == 3) {                                        // hair: strands round the crown
    vec3 q = rp - vec3(0, eyes[0].y + .04, eyes[0].z - .20); float a = atan(q.x, q.y + .0001);
    float st = noise(vec3(a * 46., length(q) * 9., q.z * 10.)) * .55
      + noise(vec3(a * 130., length(q) * 20., q.z * 20.)) * .35 + noise(vec3(a * 260., length(q) * 30., 3.)) * .2;
    alb = lin(hairc) * (.35 + 1.35 * st);
    n = normalize(n + .75 * vec3(st - .5, .4 * (noise(rp * vec3(240, 20, 240)) - .5), noise(vec3(a * 60., q.z * 30., 2.)) - .5));
    rough = .55; spec = .035; sss = lin(hairc) * .25;
    float edge = .6 * noise(vec3(a * 90., q.z * 60., 4.)) + .4 * noise(rp * vec3(500, 500, 260));
    if (fc < .013 * edge) DISCARD;
  } else if (mat == 4) {                                        // eyes
    int e = distance(rp, eyes[0]) < distance(rp, eyes[1]) ? 0 : 1; vec3 q = rp - eyes[e]; float d = length(q.xy);
    alb = vec3(.78, .75, .72); alb = mix(alb, lin(irisc) * 1.6, smoothstep(.0066, .0058, d));
    alb = mix(alb, vec3(.01), smoothstep(.0030, .0026, d)) * .85; rough = .12; spec = .05;
    if (lids > .5) { alb = lin(col) * .8; rough = .5; spec = .03; }
  } else if (mat == 5) {                                        // boards
    float board = floor(wp.x / .14); float off = hash(vec3(board, 3., 7.)) * 1.2;
    float seam = min(fract(wp.x / .14), 1. - fract(wp.x / .14)) * .14;
    float z = (wp.z + off) / 1.2; float s2 = min(fract(z), 1. - fract(z)) * 1.2; float id = hash(vec3(board, floor(z), 1.));
    float gr = noise(vec3(wp.x * 70., wp.z * 4. + id * 20., id * 9.)) * .6 + noise(vec3(wp.x * 220., wp.z * 9., id * 5.)) * .4;
    alb = mix(lin(col) * .72, lin(col) * 1.35, gr * .6 + id * .4);
    alb *= mix(.45, 1., smoothstep(0., .0035, min(seam, s2))); rough = .38; spec = .035;
  } else if (mat == 6) {                                        // painted wall
    alb = lin(col) * (.97 + .05 * noise(wp * 60.) + .04 * noise(wp * 2.)); rough = .95; spec = .01;
  } else if (mat == 7) {                                        // exercise mat
    float t = noise(wp * vec3(260, 1, 260)); alb = lin(col) * (.85 + .3 * t); rough = .9; spec = .02;
  } else if (mat == 8) {                                        // painted wood, plastic, leaves
    alb = lin(col) * (.92 + .12 * noise(wp * 40.)); rough = .7; spec = .02;
  } else if (mat == 9) {                                        // patterned rug
    vec2 c = fract(wp.xz * 2.6) - .5; vec2 i = floor(wp.xz * 2.6);
    float diamond = abs(c.x) + abs(c.y); float odd = mod(i.x + i.y, 2.);
    vec3 second = mix(lin(col).bgr, vec3(.62, .56, .46), .6);
    alb = mix(lin(col), second, smoothstep(.36, .34, diamond) - smoothstep(.20, .18, diamond) * odd);
    alb *= .75 + .45 * noise(wp * vec3(300, 1, 300)); rough = .95; spec = .01;
  } else if (mat == 10) {                                       // carpet
    alb = lin(col) * (.7 + .35 * noise(wp * vec3(240, 1, 240)) + .2 * noise(wp * vec3(40, 1, 40))); rough = .98; spec = .0;
  } else if (mat == 11) {                                       // upholstery
    alb = lin(col) * (.85 + .2 * noise(wp * 300.) + .12 * noise(wp * 7.)); rough = .95; spec = .01;
    n = normalize(n + .12 * vec3(noise(wp * 9.) - .5, noise(wp * 9. + 4.) - .5, noise(wp * 9. + 8.) - .5));
  } else {                                                      // 12: daylight through a window
    o = vec4(0); o2 = vec4(col * 2.2 * (.9 + .2 * noise(wp * 3.)), 1); return;
  }
  float sh = mat < 5 ? shadow(lp, SM) : 1.; float nl = dot(n, L); float dif = max(0., (nl + wrap) / (1. + wrap));
  vec3 rim = sss * smoothstep(-.35, .15, nl) * smoothstep(.6, 0., nl);
  float ao = mat < 5 ? pow(texture(AO, gl_FragCoord.xy / res).r, 1.25) : 1.;
  vec3 sky = mix(groundc, skyc, n.y * .5 + .5); vec3 fillL = normalize(vec3(-L.x, .45, L.z * .6 + .3));
  float fill = max(0., dot(n, fillL) * .7 + .3) * .28;
  vec3 H = normalize(L + v); float nh = max(dot(n, H), 0.); float m = rough * rough;
  float Dg = m * m / (3.1416 * pow(nh * nh * (m * m - 1.) + 1., 2.));
  float F = spec + (1. - spec) * pow(1. - max(dot(v, H), 0.), 5.);
  float fr = spec + (1. - spec) * pow(1. - max(dot(n, v), 0.), 5.) * (1. - rough) * .6;
  vec3 lit = alb * keyc * dif + keyc * max(nl, 0.) * Dg * F * .22;         // what a shadow takes away
  vec3 dark = alb * (sky * .62 + skyc * 1.6 * fill) + sky * fr * .35;       // what nooks take away
  if (mat >= 5) { o = vec4(lit, 1); o2 = vec4(dark, 1); return; }
  vec3 c = lit * sh + dark * ao + alb * rim * keyc * (.4 + .6 * sh);
  o = vec4(tone(c * exposure), 1);
}
"""
)


def shade(material: int) -> str:
    """Return the shading program of one material.

    Software OpenGL runs every branch for every pixel, so the material is a constant the compiler can fold. The
    room's programs do without ``discard``: then the depth test comes before the shading and hidden floor costs
    nothing.
    """
    head, tail = _SHADE.split("\n", 1)
    leave = "discard" if material <= LAST_OF_PERSON else "return"
    return f"{head}\nconst int mat = {material};\n{tail}".replace("DISCARD", leave)
