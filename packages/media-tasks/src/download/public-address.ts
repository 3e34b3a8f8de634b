import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** Where IPv6 addresses of the internet lie (RFC 4291 section 2.4 and the IANA registry of IPv6 address space). */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
/** Answers inside of Azure only, though it looks like anybody's (Microsoft, "What is IP address 168.63.129.16?"). */
const azureHost = '168.63.129.16'

/**
 * Whether an address leads out into the internet: not to this machine, to a private network, to a cloud's metadata, nor through
 * an address of another kind that is packed into it (IPv4-mapped, 6to4, NAT64, Teredo, ISATAP). Text that is no address does not.
 */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0) return false // stricter than ipaddr.js, which takes 1.2.3
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast' || isOwn(address)) return false
  if (address instanceof ipaddr.IPv4) return address.toString() !== azureHost
  return address.match(globalUnicast) && !isIsatap(address)
}

/** The machine reaches its own services by its own public address too. */
function isOwn(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const text = address.toString()
  return Object.values(networkInterfaces()).some((found) => found?.some((own) => ipaddr.isValid(own.address) && ipaddr.parse(own.address).toString() === text))
}

/** `…:0:5efe:a.b.c.d` is sent on to the IPv4 address at its end (RFC 5214 section 6.1). */
function isIsatap({ parts }: ipaddr.IPv6): boolean {
  return ((parts[4] ?? 0) & 0xfdff) === 0 && parts[5] === 0x5efe
}
