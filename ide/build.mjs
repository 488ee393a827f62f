// Writes into the folder that is named: one script, one style sheet, the licences of what is in them, and a manifest of it all.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const BUILT = process.argv[2];
const RECIPE = ["package.json", "package-lock.json", "build.mjs", "main.jsx", "desk.jsx", "examples.jsx", "session.js", "main.css"];
const BANNER = "/*! GraphiQL and what it needs; authors and licences stand in licences-*.txt beside this file. */";

const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const hashed = (name, extension, content) => `${name}-${sha256(content).slice(0, 12)}.${extension}`;
const byName = ([one], [other]) => (one < other ? -1 : 1);

// The fonts that GraphiQL brings are a fifth of its size; every machine has fonts of its own.
const withoutFonts = {
  name: "without-fonts",
  setup: ({ onLoad }) =>
    onLoad({ filter: /graphiql.*\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    })),
};

async function bundle() {
  return build({
    absWorkingDir: HERE,
    entryPoints: ["main.jsx"],
    outdir: "built",
    preserveSymlinks: true,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    legalComments: "none",
    charset: "utf8",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: BANNER, css: BANNER },
    plugins: [withoutFonts],
  });
}

function packagesOf(metafile) {
  const folders = Object.keys(metafile.inputs)
    .map((input) => input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean);
  return [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(HERE, folder, "package.json")));
    const texts = readdirSync(join(HERE, folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
    const told = texts.map((file) => readFileSync(join(HERE, folder, file), "utf8").trim()).join("\n\n");
    return { name, version, license, told: told || `${license}; the package carries no text of it.` };
  });
}

const { outputFiles, metafile } = await bundle();
const packages = packagesOf(metafile);
const licences = packages.map(({ name, version, license, told }) => `${name} ${version} (${license})\n\n${told}\n`);
const [script, style] = [".js", ".css"].map((end) => outputFiles.find(({ path }) => path.endsWith(end)).contents);
const files = {
  [hashed("main", "js", script)]: script,
  [hashed("main", "css", style)]: style,
};
const notices = licences.join(`\n${"-".repeat(100)}\n\n`);
files[hashed("licences", "txt", notices)] = notices;

rmSync(BUILT, { recursive: true, force: true });
mkdirSync(BUILT, { recursive: true });
for (const [name, content] of Object.entries(files)) writeFileSync(join(BUILT, name), content);
const manifest = {
  recipe: Object.fromEntries(RECIPE.map((name) => [name, sha256(readFileSync(join(HERE, name)))]).sort(byName)),
  packages: [...new Set(packages.map(({ name, version }) => `${name}@${version}`))].sort(),
  files: Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]).sort(byName)),
};
writeFileSync(join(BUILT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const [name, content] of Object.entries(files)) console.log(`${name}  ${Buffer.byteLength(content)} bytes`);
