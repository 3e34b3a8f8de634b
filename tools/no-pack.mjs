// `npm pack` and `npm publish` in a package's own folder would ship what this repository needs and the registry does not, or nothing at all.
import { exit, stderr } from 'node:process'

stderr.write('This folder is not what is published. "npm run stage" lays that out in its folder "publish"; "npm run release" at the root publishes every package.\n')
exit(1)
