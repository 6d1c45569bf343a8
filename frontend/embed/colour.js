// What may be a colour of the widget: the frame takes no other from the page around it, and the playground says so at its fields. The build
// puts this before both.

/** What is another colour elsewhere in a page. */
const DRIPLINE_DEPENDS = /var\(|env\(|attr\(|light-dark\(|currentcolor/i;
/** The longest text of a colour, in letters. */
const DRIPLINE_COLOUR_MAX = 100;

/**
 * The parts red, green and blue of what is a colour, from 0 to 1, whichever way it is written; nothing of what is none, or could be seen
 * through. Nothing may be drawn of `probe`.
 */
const driplineParts = (colour, probe) => {
  // The browser has the words of all notations, also of those to come; and says of what can be seen through by how much (`/ 0.5`).
  probe.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
  const parts = /^color\(srgb ([\d.e+-]+) ([\d.e+-]+) ([\d.e+-]+)\)$/.exec(getComputedStyle(probe).color)?.slice(1);
  probe.removeAttribute("style");
  return parts?.map((part) => Math.min(Math.max(Number(part), 0), 1));
};

/** Whether a text is a colour that cannot be seen through, and the same wherever it is used. */
const driplineOpaque = (text, probe) =>
  typeof text === "string" &&
  text.length <= DRIPLINE_COLOUR_MAX &&
  !DRIPLINE_DEPENDS.test(text) &&
  CSS.supports("color", text) &&
  driplineParts(text, probe) !== undefined;
