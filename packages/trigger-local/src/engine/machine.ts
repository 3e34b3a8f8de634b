import type { MachinePreset } from '@trigger.dev/core/v3'

/** Trigger.dev's machines: processors and gigabytes of memory. In development they only bound the heap. */
const presets = {
  micro: { cpu: 0.25, memory: 0.25 },
  'small-1x': { cpu: 0.5, memory: 0.5 },
  'small-2x': { cpu: 1, memory: 1 },
  'medium-1x': { cpu: 1, memory: 2 },
  'medium-2x': { cpu: 2, memory: 4 },
  'large-1x': { cpu: 4, memory: 8 },
  'large-2x': { cpu: 8, memory: 16 },
} satisfies Record<MachinePreset['name'], object>

/** The machine of that name; `small-1x` if none is asked for. */
export function machineNamed(name: MachinePreset['name'] | undefined): MachinePreset {
  const known = name ?? 'small-1x'
  return { name: known, ...presets[known], centsPerMs: 0 }
}

