import type { Endpoint } from '@reveille/contracts';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import { endpointOf } from '../endpoint.ts';
import type { ContainerPlan } from './container-plan.ts';
import type { Container } from './containers.ts';

/**
 * Where the service in a container answers: at a published port of the Engine's host, or at the container's own address on the first of
 * its networks.
 * @throws DriverError when the container has neither.
 */
export function endpointIn(
  container: Container,
  { spec }: Pick<StartRequest, 'spec'>,
  plan: ContainerPlan,
  hostAddress: string,
): Endpoint | undefined {
  if (plan.port === undefined) return undefined;
  const { Networks, Ports } = container.NetworkSettings;
  const [network] = plan.networks;
  if (plan.isPublished) {
    const published = (Ports?.[`${plan.port}/tcp`] ?? [])
      .map(({ HostPort }) => Number(HostPort))
      .find((port) => port > 0);
    if (published !== undefined) return endpointOf(spec.endpoint, hostAddress, published);
  } else {
    const address = Networks?.[network]?.IPAddress;
    if (address !== undefined && address !== '') return endpointOf(spec.endpoint, address, plan.port);
    if (network === 'host') return endpointOf(spec.endpoint, hostAddress, plan.port);
  }
  // One that ended at once has given back what it had: whoever looks there learns of its end.
  if (!container.State.Running) return endpointOf(spec.endpoint, hostAddress, plan.port);
  const missing = plan.isPublished ? `port ${plan.port} is not published` : `it has no address on "${network}"`;
  throw new DriverError('driver_error', `the container of ${spec.name ?? 'the service'} cannot be reached: ${missing}`);
}
