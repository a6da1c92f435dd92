// What takes the place of answered questions is read from its heading on, however far down the last answer stood.

let shown = null;

export default function ({ data }) {
  const before = shown;
  shown = data.step;
  if (before === null || before === shown) return;
  const page = document.querySelector(".stMain");
  const heading = page.querySelector("h1");
  page.scrollTo(0, 0);
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}
