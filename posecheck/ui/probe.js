// Asks the browser for the camera once, and says in a word what came of it. The stream itself is opened elsewhere.

const WORDS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing",
  OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy", TypeError: "unsafe" };

export default function ({ data, setStateValue }) {
  const asked = (window.posecheckAsked ??= new Set());
  if (asked.has(data.attempt)) return;
  asked.add(data.attempt);
  const answer = (word) => setStateValue("answer", { attempt: data.attempt, word });
  if (!navigator.mediaDevices?.getUserMedia) return answer("unsafe");
  navigator.mediaDevices.getUserMedia(data.constraints).then(
    (stream) => {
      stream.getTracks().forEach((track) => track.stop());
      answer("ready");
    },
    (error) => answer(WORDS[error.name] ?? "busy"),
  );
}
