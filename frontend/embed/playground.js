// The playground: makes the widget that was chosen, and the lines that make it elsewhere.
(() => {
  const EVENTS = ["ready", "round", "cleared", "drip", "balance", "error", "close"];
  /** How long nobody has to have typed before the widget is made anew, in milliseconds. */
  const PAUSE_MS = 400;
  const element = (id) => document.getElementById(id);
  const [site, level, layout, theme] = ["site", "level", "layout", "theme"].map(element);
  const live = element("live");
  let widget;
  let timer;
  /** The site whose levels are offered. */
  let offered;

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  const attributes = () =>
    [["site", site.value.trim()], ["level", level.value], ["layout", layout.value], ["theme", theme.value]].filter(
      ([name, value]) => value && !(name === "layout" && value === "card") && !(name === "theme" && value === "auto"),
    );

  /** The place is kept before the loader has come: nothing of the page moves. */
  const reserved = () => {
    const height = { full: "100vh", popup: "44px" }[layout.value] ?? "640px";
    return `<style>dripline-faucet { display: block; min-height: ${height} }</style>\n`;
  };

  const write = () => {
    const named = attributes().map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
    element("snippet").textContent =
      `<script async src="${location.origin}/embed/v1.js"></script>\n${reserved()}<dripline-faucet${named}></dripline-faucet>`;
    element("copied").textContent = "";
  };

  const show = () => {
    widget?.remove();
    widget = undefined;
    live.replaceChildren();
    element("events").replaceChildren();
    document.querySelector(".playground").classList.toggle("is-wide", ["inline", "full"].includes(layout.value));
    if (!site.value.trim()) {
      live.append(Object.assign(document.createElement("p"), { className: "quiet", textContent: "Enter a site." }));
      return;
    }
    widget = document.createElement("dripline-faucet");
    for (const [name, value] of attributes()) {
      widget.setAttribute(name, value);
    }
    for (const name of EVENTS) {
      widget.addEventListener(name, ({ detail }) => {
        const line = document.createElement("li");
        const code = document.createElement("code");
        code.textContent = `${name} ${JSON.stringify(detail)}`;
        line.append(code);
        element("events").prepend(line);
        if (name === "error" && !widget?.shadowRoot.firstChild) {
          live.append(Object.assign(document.createElement("p"), { className: "notice is-warning", textContent: detail.message }));
        }
      });
    }
    live.append(widget);
  };

  /** Offers the levels of the site. One that is not known has none. */
  const offer = async () => {
    const wanted = site.value.trim();
    if (wanted === offered) {
      return;
    }
    offered = wanted;
    const answer = await fetch(`/api/v1/catalog?site=${encodeURIComponent(wanted)}`).catch(() => undefined);
    const catalog = answer?.ok ? await answer.json() : { levels: [] };
    if (wanted === offered) {
      const options = catalog.levels.map((view) => new Option(`${view.level.name} (${view.game})`, view.id));
      level.replaceChildren(new Option("All of the site's levels", ""), ...options);
      write();
    }
  };

  const chosen = () => {
    write();
    show();
  };
  site.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", `?site=${encodeURIComponent(site.value.trim())}`);
      offer();
      chosen();
    }, PAUSE_MS);
  });
  [level, layout].forEach((choice) => choice.addEventListener("change", chosen));
  theme.addEventListener("change", () => {
    write();
    widget?.setTheme(theme.value);
  });
  element("choices").addEventListener("submit", (event) => event.preventDefault());
  element("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element("snippet").textContent);
      element("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(element("snippet"));
      element("copied").textContent = "Your browser does not let pages copy. The lines are marked: copy them by hand.";
    }
  });
  site.value = new URLSearchParams(location.search).get("site") ?? "";
  offer();
  customElements.whenDefined("dripline-faucet").then(show);
  write();
})();
