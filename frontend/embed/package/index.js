// Brings the loader of a faucet into the page. It comes from the faucet and not from this package, so that the element always
// speaks as the faucet's frame does.

/** What the loader's tags are, by the origins of the faucets. */
const loading = new Map();

export function load(faucet, { nonce, integrity, path = "/embed/v1.js" } = {}) {
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
      script.onload = async () => {
        const element = await customElements.whenDefined("dripline-faucet");
        const { origin } = new URL(source);
        // A page has one element of this name. Loaders from before they said whose they are say nothing.
        if ((element.faucet ?? origin) === origin) {
          resolve(element);
        } else {
          loading.delete(source);
          script.remove();
          reject(new Error(`this page has the widget of ${element.faucet} already, and cannot have that of ${origin} as well`));
        }
      };
      script.onerror = () => {
        // Whoever asks again gets another try.
        loading.delete(source);
        script.remove();
        reject(new Error(`expected the loader of a Dripline faucet at ${source}`));
      };
      document.head.append(script);
    });
    loading.set(source, loaded);
  }
  return loaded;
}
