// What WordPress makes of a post that was written without blocks (`wpautop`), as far as it matters to lines of HTML: paragraphs from empty lines, and
// breaks from the others. Scripts and styles keep their lines.

/** The elements that stand by themselves, and in no paragraph. A script, and an element that WordPress does not know, are words of one. */
const BLOCKS =
  "(?:address|article|aside|blockquote|details|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|style|table|ul)";
const OPENS = `<${BLOCKS}(?:\\s[^>]*)?>`;
const SHUTS = `</${BLOCKS}>`;
const EITHER = `(?:${OPENS}|${SHUTS})`;

/** A post as visitors get it. */
export function autop(post) {
  const kept = [];
  const text = post
    .replace(/(<(script|style)\b[^>]*>)([^]*?)(?=<\/\2>)/g, (_, tag, __, lines) => `${tag}\u0000${kept.push(lines) - 1}\u0000`)
    .replace(new RegExp(OPENS, "g"), "\n\n$&")
    .replace(new RegExp(SHUTS, "g"), "$&\n\n");
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== "");
  return paragraphs
    .map((paragraph) => `<p>${paragraph.replace(/\s*\n/g, "<br />\n")}</p>`)
    .join("\n")
    .replace(new RegExp(`<p>(${EITHER})`, "g"), "$1")
    .replace(new RegExp(`(${EITHER})</p>`, "g"), "$1")
    .replace(new RegExp(`(${EITHER})<br />`, "g"), "$1")
    .replace(/\u0000(\d+)\u0000/g, (_, index) => kept[index]);
}
