/** Quotas: counting against them, and the book of them that operators read and write. */
import {
  intentError,
  invalidInput,
  QUOTAS,
  type Quota,
  type QuotaName,
  type Topology,
} from '../../topology/index.ts';
import { commitDraft, type NeutronContext, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { limitsOf, type QuotaDefaults } from './quotas.ts';
import type { Requester } from './requester.ts';

/** Refuses one more record of a project where its quota is used up. */
export function checkQuota(draft: Draft, name: QuotaName, projectId: string): void {
  const limit = limitsOf(draft.topology, draft.quotaDefaults, projectId)[name];
  if (limit < 0 || draft.topology.countOfProject(name, projectId) < limit) return;
  throw intentError('OverQuota', { overs: `['${name}']` });
}

/** A limit with what is used of it. */
export interface QuotaDetail {
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
}

export class QuotaBook {
  readonly #context: NeutronContext;
  readonly #topology: Topology;

  constructor(context: NeutronContext) {
    this.#context = context;
    this.#topology = context.topology;
  }

  /** The limits of a project. */
  show(projectId: string, requester: Requester): QuotaDefaults {
    authorizeBook('get_quota', requester, projectId);
    return limitsOf(this.#topology, this.#context.quotaDefaults, projectId);
  }

  defaults(projectId: string, requester: Requester): QuotaDefaults {
    authorizeBook('get_quota', requester, projectId);
    return this.#context.quotaDefaults;
  }

  details(projectId: string, requester: Requester): Readonly<Record<QuotaName, QuotaDetail>> {
    const limits_ = this.show(projectId, requester);
    const details = Object.entries(limits_).map(([name, limit]) => {
      const used = this.#topology.countOfProject(name as QuotaName, projectId);
      return [name, { limit, used, reserved: 0 }];
    });
    return Object.fromEntries(details) as Readonly<Record<QuotaName, QuotaDetail>>;
  }

  /** Projects with limits of their own. */
  list(requester: Requester): readonly (QuotaDefaults & { readonly project_id: string })[] {
    authorizeBook('get_quota', requester);
    return [...this.#topology.list('quota')].map(({ id }) => ({
      ...this.show(id, requester),
      project_id: id,
    }));
  }

  update(projectId: string, body: unknown, requester: Requester): Promise<Written<QuotaDefaults>> {
    authorizeBook('update_quota', requester);
    const given = readLimits(body);
    return commitDraft(this.#context, requester, (draft) => {
      const before = draft.topology.get('quota', projectId)?.limits;
      const quota: Quota = { id: projectId, limits: { ...before, ...given } };
      if (before === undefined) draft.expect('quota', projectId);
      draft.put('quota', projectId, quota);
      return () => this.show(projectId, requester);
    });
  }

  /** Back to the defaults. */
  reset(projectId: string, requester: Requester): Promise<Written<undefined>> {
    authorizeBook('delete_quota', requester);
    return commitDraft(this.#context, requester, (draft) => {
      if (draft.topology.get('quota', projectId) === undefined) {
        throw intentError('TenantQuotaNotFound', { tenant_id: projectId });
      }
      draft.delete('quota', projectId);
      return () => undefined;
    });
  }
}

/** Projects see their own quotas; operators see and change all. */
function authorizeBook(rule: string, { isAdmin, projectId }: Requester, owner?: string): void {
  if (!isAdmin && owner !== projectId) {
    throw intentError('PolicyNotAuthorized', { rules: `rule:${rule}` });
  }
}

const LIMIT_MAX = 2 ** 31 - 1;

function readLimits(body: unknown): Partial<Record<QuotaName, number>> {
  const given = Object.entries(body as object).filter(
    ([name]) => name !== 'project_id' && name !== 'tenant_id',
  );
  for (const [name, limit] of given) {
    if (!Object.hasOwn(QUOTAS, name)) {
      throw intentError('HTTPBadRequest', { msg: `Unrecognized attribute(s) '${name}'` });
    }
    if (!Number.isInteger(limit) || limit < -1 || limit > LIMIT_MAX) {
      throw invalidInput(`Invalid input for ${name}: '${JSON.stringify(limit)}' is no limit`);
    }
  }
  return Object.fromEntries(given);
}
