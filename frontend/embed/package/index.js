// Brings the loader of a faucet into the page. It comes from the faucet and not from this package, so that the element always
// speaks as the faucet's frame does.

/** What the loader's tags are, by the origins of the faucets. */
const loading = new Map();

export async function load(faucet, { nonce, integrity, path = "/embed/v1.js" } = {}) {
  if (typeof document === "undefined") {
    throw new Error("expected a page to bring the loader of a Dripline faucet into: call `load` in the browser");
  }
  const source = new URL(path, faucet).href;
  let loaded = loading.get(source);
  if (!loaded) {
    loaded = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.async = true;
      if (nonce) {
        script.nonce = nonce;
      }
      if (integrity) {
        script.integrity = integrity;
        script.crossOrigin = "anonymous";
      }
      const fail = (message) => {
        // Whoever asks again gets another try.
        loading.delete(source);
        script.remove();
        reject(new Error(message));
      };
      const missing = `expected the loader of a Dripline faucet at ${source}`;
      script.onload = () => {
        // What has run without defining it was another script, or none.
        const element = customElements.get("dripline-faucet");
        const { origin } = new URL(source);
        if (!element) {
          fail(missing);
        } else if ((element.faucet ?? origin) !== origin) {
          // A page has one element of this name. Loaders from before they said whose they are say nothing.
          fail(`this page has the widget of ${element.faucet} already, and cannot have that of ${origin} as well`);
        } else {
          resolve(element);
        }
      };
      script.onerror = () => fail(missing);
      document.head.append(script);
    });
    loading.set(source, loaded);
  }
  return loaded;
}
