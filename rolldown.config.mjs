import { defineConfig } from 'rolldown'

/**
 * To import a module of Node, Node first reads all its exports, and some of them load more modules: `node:fs` takes 3 ms
 * of processor time (Node 24). This takes the names that a chunk uses, and nothing else.
 */
const plainBuiltins = {
  name: 'plain-builtins',
  renderChunk: code =>
    code.replace(
      /^import \{([^}]*)\} from "(node:[^"]+)";$/gm,
      (_, names, from) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${from}");`,
    ),
}

export default defineConfig([
  /**
   * Some 550 modules, ours and those of the libraries, become a few files: reading them one by one took Node two thirds
   * of a start (measured: 0.9 s of processor time, then 0.3 s). `tsc` checks, and writes the types.
   */
  {
    platform: 'node',
    input: {
      'cli/main': 'src/cli/main.ts',
      'demo/scripted-agent': 'src/demo/scripted-agent.ts',
      'demo/set-up-host': 'src/demo/set-up-host.ts',
      'demo/host-environment': 'src/demo/host-environment.ts',
    },
    plugins: [plainBuiltins],
    // Who signs keyless installs it: it is as large as all the rest.
    external: ['@sigstore/sign'],
    output: {
      format: 'esm',
      chunkFileNames: 'chunks/[name]-[hash].js',
      // What every start loads is one file.
      codeSplitting: { groups: [{ name: 'start', test: /src\/cli\/main\.ts$/ }] },
    },
  },
  // Who imports us shares our libraries: its zod is the one that made our schemas.
  { platform: 'node', input: { index: 'src/index.ts' }, external: /^[^./]/, output: { format: 'esm' } },
])
