// Builds the dashboard: node build.mjs DIRECTORY
// The same sources and lock file give the same bytes.

import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), 'src');

async function bundle(file, options) {
  const result = await build({
    absWorkingDir: source,
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    target: ['chrome123', 'firefox125', 'safari17.5'],
    ...options,
  });
  return result.outputFiles[0].contents;
}

async function main(directory) {
  const files = {
    'app.js': await bundle('main.tsx', {
      format: 'esm',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
    'app.css': await bundle('app.css', {}),
    'icon.svg': await readFile(join(source, 'icon.svg')),
    'index.html': await readFile(join(source, 'index.html')),
  };
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
  }
}

if (process.argv.length !== 3) {
  console.error('usage: node build.mjs DIRECTORY');
  process.exit(2);
}
await main(resolve(process.argv[2]));
