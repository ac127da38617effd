/** The subnets that routers are in, and the routes that depend on them. */
import { ROUTER_ATTRIBUTES, type Router, readNamed } from '../../../topology/index.ts';
import type { Attributes } from './document.ts';
import { subnetsOfRouter } from './existing.ts';
import { hasSameItems } from './same.ts';
import type { Worksheet } from './worksheet.ts';

interface Called {
  readonly id: string;
  readonly name: string;
}

/** Takes a router out of all subnets but some. */
export function removeInterfaces(
  sheet: Worksheet,
  { id, name }: Called,
  kept: ReadonlySet<string | undefined>,
): void {
  const subject = { kind: 'router', name: name || id } as const;
  for (const [subnetId, port] of interfacesNow(sheet, id)) {
    if (kept.has(subnetId)) continue;
    const label = sheet.labels.label('subnet', subnetId);
    const body = { subnet_id: subnetId };
    sheet.act({ subject, id, action: 'remove_router_interface', body }, () => ({
      action: 'delete',
      kind: 'router_interface',
      name: `${subject.name}: ${label}`,
      id: port.id,
    }));
  }
}

/** Puts a router into the subnets that it is not in yet. */
export function addInterfaces(
  sheet: Worksheet,
  { id, name }: Called,
  subnets: readonly string[],
): void {
  const subject = { kind: 'router', name } as const;
  for (const subnet of subnets) {
    const subnetId = sheet.about(subject, () => sheet.names.id('subnet', subnet));
    if (interfacesNow(sheet, id).has(subnetId)) continue;
    const body = { subnet_id: subnetId };
    sheet.act({ subject, id, action: 'add_router_interface', body }, () => ({
      action: 'create',
      kind: 'router_interface',
      name: `${name}: ${subnet}`,
      id: interfacesNow(sheet, id).get(subnetId)?.id ?? '',
    }));
  }
}

function interfacesNow({ draft }: Worksheet, id: string) {
  const router = draft.topology.get('router', id);
  return router === undefined ? new Map<string, never>() : subnetsOfRouter(draft.topology, router);
}

/** Routes that the document does not name go first: they hold interfaces and gateways. */
export function keepRoutes(sheet: Worksheet, router: Router, attributes: Attributes): void {
  const { routes: given } = attributes;
  if (given === undefined) return;
  const subject = { kind: 'router', name: router.name || router.id } as const;
  const wanted = sheet.about(subject, () =>
    readNamed('routes', ROUTER_ATTRIBUTES.routes.read, given),
  );
  const routes = router.routes.filter((route) =>
    wanted.some((other) => hasSameItems([route], [other])),
  );
  if (routes.length < router.routes.length) sheet.update(subject, router, { routes }, { routes });
}
