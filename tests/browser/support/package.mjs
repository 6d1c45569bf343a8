// The package for npm as its users have it: packed by `cargo xtask build`, or as that packs it, and unpacked into the `node_modules` of a
// program that is made for a test.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import typescript from "typescript";

const SOURCE = fileURLToPath(new URL("../../../frontend/embed/package", import.meta.url));
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
/** What a program of these versions of React has beside the package: names in its `node_modules`, and ours. */
const REACT = {
  18: { react: "react-18", "react-dom": "react-dom-18", "@types/react": "@types/react-18" },
  19: { react: "react", "react-dom": "react-dom", "@types/react": "@types/react" },
};
/** What else the types of the frameworks, and their modules, name. */
const BESIDE = ["@types/prop-types", "csstype", "scheduler", "svelte", "vue"];
const run = promisify(execFile);

/** The package's archive: what the build has left in the folder that `DRIPLINE_PACKAGE` names; without that it is packed into this one. */
async function packed(folder) {
  const { DRIPLINE_PACKAGE: built } = env;
  if (!built) {
    await run("npm", ["pack", "--silent", "--offline", "--pack-destination", folder], { cwd: SOURCE });
  }
  const { version } = JSON.parse(await readFile(join(SOURCE, "package.json"), "utf8"));
  return join(built || folder, `dripline-embed-${version}.tgz`);
}

/**
 * Installs the package for a program with this version of React. Gives the program's `folder`, the package's `own`, the names of the `files`
 * in that one, and `end`, which takes it all away.
 */
export async function install(react = 19) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-package-"));
  const modules = join(folder, "node_modules");
  const own = join(modules, "@dripline/embed");
  await Promise.all([own, join(modules, "@types")].map((path) => mkdir(path, { recursive: true })));
  await run("tar", ["-xzf", await packed(folder), "-C", own, "--strip-components=1"]);
  // Copied, and not linked to: what is linked to looks for its own neighbours, which are those of another version.
  const filter = (path) => !path.endsWith("/umd");
  await Promise.all(Object.entries(REACT[react]).map(([name, ours]) => cp(join(MODULES, ours), join(modules, name), { recursive: true, filter })));
  await Promise.all(BESIDE.map((name) => symlink(join(MODULES, name), join(modules, name))));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return { folder, own, files: (await readdir(own)).sort(), end: () => rm(folder, { recursive: true }) };
}

/** What the compiler holds programs to: it is strict, and finds modules as Node does. */
const { options: STRICT } = typescript.convertCompilerOptionsFromJson(
  {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "dom.iterable"],
    jsx: "react-jsx",
    types: [],
  },
  ".",
);

/**
 * What the TypeScript compiler says of programs in this folder, their texts by their names, and of all that the package declares, whether a
 * program touches it or not. It is asked of no other library's declarations, which take it ten times as long.
 */
export async function compile(folder, programs = {}) {
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text);
  }
  const own = ["index", "react", "svelte", "vue"].map((name) => `node_modules/@dripline/embed/${name}.d.ts`);
  const program = typescript.createProgram([...Object.keys(programs), ...own].map((name) => join(folder, name)), STRICT);
  const roots = program.getRootFileNames().map((name) => program.getSourceFile(name));
  const found = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...roots.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  const shown = { getCurrentDirectory: () => folder, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
  return typescript.formatDiagnostics(found, shown);
}

/** A program in this folder, its text in JavaScript or JSX, as one script for a page: what a bundler makes of it and of all that it imports. */
export async function bundle(folder, text) {
  const { outputFiles } = await build({
    stdin: { contents: text, loader: "jsx", resolveDir: folder },
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
  return outputFiles[0].text;
}
