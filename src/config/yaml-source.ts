import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { type KeyPath, printable } from './show.ts'

type YamlSource =
  | { readonly ok: true; readonly root: unknown; lineOf(path: KeyPath): number }
  /** `place` is `line` or `line:column`, or empty when the problem has none. */
  | { readonly ok: false; readonly problems: readonly { readonly place: string; readonly text: string }[] }

/** Parses YAML into plain data, with the line of every key. An empty document is null. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${line}:${col}`
  }
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
    })
    // A warning is an unknown tag or directive, which would be ignored.
    const problems = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
      place: placeOf(pos[0]),
      text: printable(message.slice(0, 200)),
    }))
    visit(document, {
      Pair(_, { key }) {
        // zod silently drops a key with this name.
        if (!isScalar(key) || key.value !== '__proto__') return
        problems.push({ place: placeOf(key.range?.[0] ?? 0), text: 'unknown key __proto__' })
      },
    })
    if (problems.length > 0) return { ok: false, problems }
    const lineOf = (path: KeyPath) => lines.linePos(offsetOf(document.contents, path, document)).line
    return { ok: true, root: document.toJS(), lineOf }
  } catch (error) {
    // The library throws on errors found while resolving: unknown or exponential aliases, nesting deeper than the
    // stack.
    const reason =
      error instanceof RangeError ? 'nested too deeply' : error instanceof Error ? error.message : 'unreadable'
    return { ok: false, problems: [{ place: '', text: printable(reason.slice(0, 200)) }] }
  }
}

type Contents = ReturnType<typeof parseDocument>

/** Offset of the deepest part of the path that is written in the file: a key of a mapping or an item of a list. */
function offsetOf(contents: Node | null, path: KeyPath, document: Contents): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const part of path) {
    const target: unknown = isAlias(node) ? node.resolve(document) : node
    if (isMap(target)) {
      const pair = target.items.find(item => isScalar(item.key) && String(item.key.value) === part)
      if (!pair) return offset
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset
      node = pair.value
    } else if (isSeq(target) && typeof part === 'number') {
      node = target.items[part]
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined
}
