// The looks of the frame: those of the site and of the page around it, as far as words can be read in them, and the theme, which the page
// is told for the visitor's own. The build puts this before the frame's script, which says what was asked for.

/** Shows the page in this theme from now on. Gives what shows more than that. */
const driplineLooks = (theme) => {
  /** What may be said of looks: names of custom properties of the page, and what their values must be. */
  const COLOURS = {
    accent: ["--button", "--button-hover", "--water", "--water-deep"],
    "accent-ink": ["--button-ink", "--on-water"],
    background: ["--page", "--page-light"],
    surface: ["--surface", "--surface-sunk"],
    ink: ["--ink"],
    muted: ["--muted"],
    line: ["--line"],
  };
  /** The least contrast of words with what they lie on (WCAG 2.2, AA). */
  const CONTRAST = 4.5;
  /** What words lie on, and each colour of words with all that it lies on. */
  const GROUNDS = ["--page", "--page-light", "--surface", "--surface-sunk"].map((name) => `var(${name})`);
  const WORDS = {
    "--ink": [...GROUNDS, "var(--warning-surface)"],
    "--muted": GROUNDS,
    "--good": GROUNDS,
    "--warning": [...GROUNDS, "var(--warning-surface)"],
  };
  const LENGTH = /^(\d{1,2}(\.\d{1,3})?)(px|rem|em)?$/;
  const FONT = /^[\w\s,"'-]{1,200}$/;

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  /** What the page asks of the visitor's colours is answered with the theme. */
  const scheme = new EventTarget();
  const original = window.matchMedia.bind(window);
  let siteLook = {};
  let hostLook = {};

  /** Whether the ground that was asked for is a dark one; nothing is known where none was. */
  let isGroundDark;
  const isDark = () => isGroundDark ?? (theme === "auto" ? system.matches : theme === "dark");
  Object.defineProperties(scheme, { matches: { get: isDark }, media: { value: system.media } });
  window.matchMedia = (media) => (media === system.media ? scheme : original(media));
  system.addEventListener("change", () => shown());

  /** Has the stylesheets' rules for dark pages hold where the theme says so. */
  const darken = () => {
    for (const sheet of document.styleSheets) {
      for (const rule of sheet.cssRules) {
        if (rule.media && (rule.isForDark ??= rule.media.mediaText.includes("prefers-color-scheme"))) {
          rule.media.mediaText = isDark() ? "all" : "not all";
        }
      }
    }
  };

  // Of what is in the head nothing is drawn.
  const probe = document.head;
  /** The relative luminance of a colour (WCAG 2.2), whichever way it is written. */
  const luminance = (colour) => {
    const channels = driplineParts(colour, probe) ?? [0, 0, 0];
    const [red, green, blue] = channels.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** Whether white can be read on it better than black. */
  const isDeep = (colour) => luminance(colour) < 0.179;
  const inkOn = (colour) => (isDeep(colour) ? "#fff" : "#000");
  const isReadable = (ink, grounds) =>
    grounds.every((ground) => {
      const [dark, light] = [luminance(ink), luminance(ground)].sort((one, other) => one - other);
      return (light + 0.05) / (dark + 0.05) >= CONTRAST;
    });

  /** What was asked for, where it is a colour: what a page around could have seen through is what the player has to read. */
  const asked = (look, name) => (driplineOpaque(look[name], probe) ? look[name] : "");
  const paint = (properties, value) => properties.forEach((property) => root.style.setProperty(property, value));

  /** What is shown, as text. */
  let standing;
  /** Shows all that was said of looks; what is none is as if it had not been said, and so is what would make words hard to read. */
  const shown = () => {
    const style = root.style;
    const background = asked(hostLook, "background");
    let surface = asked(hostLook, "surface");
    // The page's own colours have to go with the ground that they lie on.
    isGroundDark = background || surface ? isDeep(background || surface) : undefined;
    if (surface && isDeep(surface) !== isGroundDark) {
      surface = "";
    }
    const accent = (isDark() && siteLook.accent_dark) || siteLook.accent;
    const look = { accent, ...hostLook, background, surface };
    const colours = Object.fromEntries(Object.keys(COLOURS).map((name) => [name, asked(look, name)]));
    // All that follows has every style of the page found anew: a site that says nothing of its looks is not to wait for that.
    const now = JSON.stringify([isDark(), colours, look.radius, look.font]);
    if (now === standing) {
      return;
    }
    standing = now;
    root.dataset.theme = isDark() ? "dark" : "light";
    darken();
    // Those that were made readable on an earlier ground, too.
    paint(Object.keys(WORDS), "");
    for (const [name, properties] of Object.entries(COLOURS)) {
      paint(properties, colours[name]);
    }
    if (colours.accent || colours["accent-ink"]) {
      const isGood = colours["accent-ink"] && isReadable("var(--button-ink)", ["var(--button)"]);
      paint(COLOURS["accent-ink"], isGood ? look["accent-ink"] : inkOn("var(--button)"));
    }
    // The page's own words can be read on its own grounds.
    const isOther = ["background", "surface", "ink", "muted"].some((name) => colours[name]);
    for (const [name, grounds] of Object.entries(isOther ? WORDS : {})) {
      // As it was asked for, else as the page has it, else as it can be read.
      for (const value of [colours[name.slice(2)] ?? "", "", name === "--ink" ? (isDark() ? "#fff" : "#000") : "var(--ink)"]) {
        paint([name], value);
        if (isReadable(`var(${name})`, grounds)) {
          break;
        }
      }
    }
    const isPlain = (isOther || colours.accent) && !isReadable(`var(--water${isDark() ? "" : "-deep"})`, GROUNDS);
    root.toggleAttribute("data-plain-links", Boolean(isPlain));
    const radius = typeof look.radius === "string" && LENGTH.exec(look.radius);
    for (const [property, part] of [["--radius-small", 0.6], ["--radius", 1], ["--radius-large", 1.4]]) {
      style.setProperty(property, radius ? `${radius[1] * part}${radius[3] ?? "px"}` : "");
    }
    style.setProperty("--font", typeof look.font === "string" && FONT.test(look.font) ? look.font : "");
    scheme.dispatchEvent(new Event("change"));
  };

  /** A text as CSS writes it. */
  const quoted = (text) => `"${text.replace(/["\\]/g, "\\$&").replace(/\s+/g, " ")}"`;

  // The stylesheets are there: a script waits for those before it.
  shown();
  return {
    /** Shows what the site says of its looks. */
    ofSite(look) {
      siteLook = look;
      const { logo, title, text } = look;
      if (/^data:image\/(png|webp|svg\+xml)[;,]/.test(logo)) {
        root.style.setProperty("--site-logo", `url(${quoted(logo)})`);
        root.dataset.logo = "";
      }
      for (const [name, words] of [["title", title], ["text", text]]) {
        if (words) {
          root.style.setProperty(`--site-${name}`, quoted(words));
          root.dataset[name] = "";
        }
      }
      shown();
    },
    /** Shows what the page around says of them, and of the theme. */
    ofHost(look, wanted) {
      if (["auto", "light", "dark"].includes(wanted)) {
        theme = wanted;
      }
      hostLook = { ...look };
      shown();
    },
  };
};
