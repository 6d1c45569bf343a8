// What a screen reader says by itself: whatever changes in a live region.

/** Gives the texts of the live regions that change within `span` milliseconds, each as often as it does. */
export async function heard(page, span) {
  return page.evaluate(
    (span) =>
      new Promise((resolve) => {
        const texts = [];
        const live = "[role='status'], [role='alert'], [aria-live='polite'], [aria-live='assertive']";
        const observer = new MutationObserver((records) => {
          for (const { target } of records) {
            const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            const region = element?.closest(live);
            if (region) {
              texts.push(region.textContent);
            }
          }
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        setTimeout(() => {
          observer.disconnect();
          resolve(texts);
        }, span);
      }),
    span,
  );
}
