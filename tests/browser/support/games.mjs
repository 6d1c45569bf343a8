// The games that a server has, as its catalog tells them.

/** Their ids, each once, in the order of the catalog. */
export async function gamesOf(origin) {
  return idsOf(await levelsOf(origin));
}

/** Those that run by the clock: their levels give no time to think. */
export async function clockedGames(origin) {
  return idsOf((await levelsOf(origin)).filter(({ level }) => level.think_ms_max === 0));
}

async function levelsOf(origin) {
  const catalog = await (await fetch(`${origin}/api/v1/catalog`)).json();
  return catalog.levels;
}

function idsOf(levels) {
  return [...new Set(levels.map(({ game }) => game))];
}
