// What may be a language of the widget: the frame takes no other from the page around it, and the playground says so at its field. The
// build puts this before both.

/** A language's tag as it is written; nothing of what is none: in that, the browser would refuse to write a date. */
const driplineLanguage = (tag) => {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
};
