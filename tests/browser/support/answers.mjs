// Answers that the real server seldom gives, put in its place.

/** Answers requests to `path` with a refusal for these reasons; the first gives the code. */
export async function refuse(page, path, status, reasons) {
  await page.route(path, (route) => route.fulfill(refusal(status, reasons)));
}

/** A refusal, as the server writes it. */
export function refusal(status, reasons) {
  const [{ code, until_ms: until }] = reasons;
  const problem = {
    type: `/problems/${code}`,
    title: code,
    status,
    code,
    detail: code,
    reasons: reasons.map((reason) => ({ message: "", ...reason })),
    retry_after_ms: until && until - Date.now(),
  };
  return { status, contentType: "application/problem+json", body: JSON.stringify(problem) };
}
