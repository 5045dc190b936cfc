import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface PlannedWorkPackage {
  /** `WP01` */
  readonly id: string
  readonly title: string
  readonly dependencies: readonly string[]
  /** The folder of the first one is the WP's authoritative surface. */
  readonly ownedFiles: readonly string[]
  /** `T001`; may be empty. */
  readonly subtasks: readonly string[]
  /** Markdown below the heading. */
  readonly body: string
}

/** Writes spec.md, tasks.md and one file per WP in the form that the host's `tasks` and `finalize-tasks` accept. */
export async function writePlanning(missionFolder: string, workPackages: readonly PlannedWorkPackage[]): Promise<void> {
  await mkdir(join(missionFolder, 'tasks'), { recursive: true })
  await writeFile(join(missionFolder, 'spec.md'), specification(workPackages))
  await writeFile(join(missionFolder, 'tasks.md'), taskList(workPackages))
  for (const wp of workPackages) {
    const name = wp.title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    await writeFile(join(missionFolder, 'tasks', `${wp.id}-${name}.md`), workPackageFile(wp))
  }
}

function specification(workPackages: readonly PlannedWorkPackage[]): string {
  const rows = workPackages.map(
    wp => `| ${requirementOf(wp)} | ${wp.title} | ${wp.title}, as ${wp.id} says. | proposed |`,
  )
  return `# Mission Specification

## Requirements

### Functional Requirements

| ID | Title | Description | Status |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function taskList(workPackages: readonly PlannedWorkPackage[]): string {
  const sections = workPackages.map(wp =>
    [
      `## ${wp.id} - ${wp.title}`,
      '',
      `**Requirement Refs**: ${requirementOf(wp)}`,
      ...(wp.dependencies.length > 0 ? [`**Dependencies**: ${wp.dependencies.join(', ')}`] : []),
      '',
      ...wp.subtasks.map(subtask => `- [ ] ${subtask} ${wp.title}`),
      '',
    ].join('\n'),
  )
  return `# Tasks\n\n${sections.join('\n')}`
}

function workPackageFile(wp: PlannedWorkPackage): string {
  const files = wp.ownedFiles.map(file => `- ${file}`).join('\n')
  return `---
work_package_id: ${wp.id}
title: ${wp.title}
dependencies: [${wp.dependencies.join(', ')}]
requirement_refs: [${requirementOf(wp)}]
subtasks: [${wp.subtasks.join(', ')}]
owned_files:
${files}
create_intent:
${files}
authoritative_surface: ${dirname(wp.ownedFiles[0] ?? 'src/file')}/
execution_mode: code_change
---

# ${wp.id}: ${wp.title}

${wp.body}
`
}

/** WP01 fulfils FR-001. */
function requirementOf(wp: PlannedWorkPackage): string {
  return `FR-${wp.id.slice(2).padStart(3, '0')}`
}
