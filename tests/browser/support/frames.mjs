// The script time of frames, from what the browser traces while a page plays.

/** What runs script on the page's main thread, or cleans up after it. Nested ones are part of the outermost. */
const SCRIPT = new Set([
  "FireAnimationFrame",
  "FunctionCall",
  "EvaluateScript",
  "RunMicrotasks",
  "EventDispatch",
  "TimerFire",
  "MinorGC",
  "MajorGC",
]);

/** Traces what `play` does with a page whose processor is slowed down so many times; gives the events. */
export async function traced(browser, page, slowdown, play) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await browser.startTracing(page, { categories: ["devtools.timeline", "v8", "__metadata"] });
  await play();
  const trace = JSON.parse((await browser.stopTracing()).toString());
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await devtools.detach();
  return trace.traceEvents;
}

/**
 * The script time of each frame in milliseconds of processor time, whatever else the machine did meanwhile. A frame goes
 * from its animation callback to the next one's, so that input, messages and timers in between count for it.
 */
export function scriptTimes(events) {
  const thread = playingThread(events);
  const tasks = outermost(events.filter((event) => event.ph === "X" && SCRIPT.has(event.name) && isOn(event, thread)));
  const times = [];
  for (const task of tasks) {
    if (task.name === "FireAnimationFrame") {
      times.push(0);
    }
    if (times.length > 0) {
      times[times.length - 1] += (task.tdur ?? task.dur) / 1_000;
    }
  }
  // What follows the last one's callback may not be complete.
  times.pop();
  return times;
}

/** The thread with the most animation callbacks. */
function playingThread(events) {
  const counts = new Map();
  for (const { name, pid, tid } of events) {
    if (name === "FireAnimationFrame") {
      const thread = `${pid} ${tid}`;
      counts.set(thread, (counts.get(thread) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1]);
  if (!most) {
    throw new Error("nothing was animated");
  }
  return most[0];
}

function isOn({ pid, tid }, thread) {
  return `${pid} ${tid}` === thread;
}

/** Those that do not lie within another one, in order. */
function outermost(events) {
  const sorted = [...events].sort((one, other) => one.ts - other.ts || other.dur - one.dur);
  let end = -Infinity;
  return sorted.filter((event) => {
    const isInside = event.ts < end;
    end = Math.max(end, event.ts + event.dur);
    return !isInside;
  });
}

/** The value below which `part` of the values lie, 0 to 1. */
export function quantile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.round((sorted.length - 1) * part)];
}
