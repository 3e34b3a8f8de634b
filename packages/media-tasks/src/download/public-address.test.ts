import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { isPublicAddress } from './public-address.ts'

test.each(['8.8.8.8', '1.1.1.1', '192.0.1.1', '172.15.255.255', '172.32.0.0', '100.128.0.0', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
  '%s is an address of the internet',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

test.each([
  ['this machine', ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::']],
  ['private networks', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd00:ec2::254', 'fec0::1']],
  ['link-local, with clouds’ metadata', ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0']],
  ['a provider’s own network', ['100.64.0.1', '100.100.100.200', '168.63.129.16', '192.0.0.192']],
  ['many at once', ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1']],
  ['nobody', ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '3fff::1', '100::1', '4000::1']],
  ['another address that is packed into it', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::', '2a00::5efe:7f00:1', '2a00::200:5efe:7f00:1', '192.88.99.1']],
  ['no address', ['', 'localhost', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '127.0.0.1:80', '8.8.8.8 ', '1.2.3', '::ffff:1.2.3', '0008.8.8.8']],
])('Nothing that leads to %s is', (_, addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([])
})

test('The machine’s own addresses are not, whatever they are', () => {
  const own = Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address) ?? [])
  expect(own.filter(isPublicAddress)).toEqual([])
})
