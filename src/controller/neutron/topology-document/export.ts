/** What a project has, as the document that would change nothing. */
import { type Intent, isAutoAddressed } from '../../../topology/index.ts';
import type { Requester } from '../requester.ts';
import type { View } from '../resource-type.ts';
import type { Attributes } from './document.ts';
import { existingOf, namesOf, subnetsOfRouter } from './existing.ts';
import { isUsable } from './names.ts';
import { type DocumentKind, tellingWords, wordsOf } from './words.ts';
import type { Drafts } from './worksheet.ts';

interface Called {
  readonly id: string;
  readonly name: string;
}

export function documentOf(topology: Intent, requester: Requester, drafts: Drafts): View {
  const call = { requester };
  const isVisible = (kind: DocumentKind, id: string): boolean => {
    const record = topology.get(kind, id);
    return record !== undefined && drafts[kind].isVisible(topology, record, call);
  };
  const existing = existingOf(topology, requester.projectId, isVisible);
  const names = namesOf(existing, isVisible);
  const isAuto = (id: string): boolean => {
    const subnet = topology.get('subnet', id);
    return subnet !== undefined && isAutoAddressed(subnet);
  };
  const translation = { names, isAuto, isAdmin: requester.isAdmin };
  const tell = (kind: DocumentKind, record: Called): Attributes => {
    const { attributes } = drafts[kind].type;
    const view = drafts[kind].view(record as never, drafts[kind].viewer(call, topology));
    return tellingWords(wordsOf(kind, attributes, view, translation), attributes);
  };
  return {
    networks: named(existing.networks, (network) => ({
      ...tell('network', network),
      subnets: named(existing.subnets.get(network.id) ?? [], (subnet) => tell('subnet', subnet)),
    })),
    security_groups: named(existing.groups, (group) => ({
      ...tell('security_group', group),
      rules: [...topology.members('rulesOfGroup', group.id).values()].map((rule) =>
        withoutNulls(tell('security_group_rule', rule as never)),
      ),
    })),
    routers: named(existing.routers, (router) => ({
      ...tell('router', router),
      interfaces: [...subnetsOfRouter(topology, router).keys()].map((id) =>
        names.label('subnet', id),
      ),
    })),
    ports: named(existing.ports, (port) => tell('port', port)),
  };
}

/** Under their names, and what shares its name with another, or has none, under its id. */
function named<R extends Called>(records: readonly R[], tell: (record: R) => Attributes): View {
  const counts = new Map<string, number>();
  for (const { name } of records) counts.set(name, (counts.get(name) ?? 0) + 1);
  const pairs = records.map((record) => {
    const isOwn = isUsable(record.name) && counts.get(record.name) === 1;
    return [isOwn ? record.name : record.id, tell(record)] as const;
  });
  return Object.fromEntries(pairs);
}

function withoutNulls(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
}
