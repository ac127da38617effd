/**
 * The whole topology of a project as one document: shown, and applied in one commit. Whoever may
 * see or change a project's resources may do so here.
 */
import { intentError } from '../../../topology/index.ts';
import { catchUp, commitDraft, draftOnly, type NeutronContext, showUpToDate } from '../context.ts';
import type { Draft } from '../draft.ts';
import { NETWORKS } from '../networks.ts';
import { authorize, isAllowed } from '../policy.ts';
import { PORTS } from '../ports.ts';
import type { Requester } from '../requester.ts';
import { ResourceDrafts } from '../resource-draft.ts';
import type { View } from '../resource-type.ts';
import { ROUTERS } from '../routers.ts';
import { SECURITY_GROUP_RULES } from '../security-group-rules.ts';
import { SECURITY_GROUPS } from '../security-groups.ts';
import { SUBNETS } from '../subnets.ts';
import { applyDocument } from './apply.ts';
import { readDocument } from './document.ts';
import { existingOf, namesOf } from './existing.ts';
import { documentOf } from './export.ts';
import { type Drafts, type Step, Worksheet } from './worksheet.ts';

/** What was done, or would be; without a revision nothing was. */
export interface Planned {
  readonly revision: number | null;
  readonly dry_run: boolean;
  readonly plan: readonly Step[];
}

export class TopologyDocuments {
  readonly #context: NeutronContext;
  readonly #drafts: Drafts;

  constructor(context: NeutronContext) {
    this.#context = context;
    const types = {
      network: NETWORKS,
      subnet: SUBNETS,
      security_group: SECURITY_GROUPS,
      security_group_rule: SECURITY_GROUP_RULES,
      port: PORTS,
      router: ROUTERS,
    };
    // Each type agrees with itself; a worksheet only passes records from one to the same one.
    this.#drafts = Object.fromEntries(
      Object.entries(types).map(([kind, type]) => [
        kind,
        new ResourceDrafts(type as never, context),
      ]),
    ) as unknown as Drafts;
  }

  show(projectId: string, requester: Requester): Promise<View> {
    const who = this.#within(projectId, requester);
    return showUpToDate(this.#context, () => documentOf(this.#context.topology, who, this.#drafts));
  }

  async put(
    projectId: string,
    body: unknown,
    { requester, isDryRun }: { readonly requester: Requester; readonly isDryRun: boolean },
  ): Promise<Planned> {
    const who = this.#within(projectId, requester);
    const target = { project_id: projectId };
    authorize('update_topology', [], { who, target }, this.#context.topology);
    const document = readDocument(body);
    const write = (draft: Draft) => {
      const sheet = this.#worksheet(draft);
      applyDocument(sheet, document);
      return () => sheet.plan;
    };
    // To do nothing is right only when nobody has committed anything else before this call.
    await catchUp(this.#context);
    if (isDryRun) {
      const plan = draftOnly(this.#context, who, write);
      return { revision: null, dry_run: true, plan: plan.map(withoutNewId) };
    }
    const { revision, value: plan } = await commitDraft(this.#context, who, write);
    return { revision: plan.length === 0 ? null : revision, dry_run: false, plan };
  }

  #worksheet(draft: Draft): Worksheet {
    const call = { requester: draft.requester };
    const { topology } = draft;
    const isVisible = (kind: keyof Drafts, id: string): boolean => {
      const record = topology.get(kind, id);
      return record !== undefined && this.#drafts[kind].isVisible(topology, record, call);
    };
    const existing = existingOf(topology, draft.requester.projectId, isVisible);
    return new Worksheet(draft, this.#drafts, namesOf(existing, isVisible));
  }

  /** Whoever asks, at work in the project: what they make is the project's. */
  #within(projectId: string, requester: Requester): Requester {
    const target = { project_id: projectId };
    if (!isAllowed('get_topology', requester, target, this.#context.topology)) {
      throw intentError('ProjectNotFound', { project_id: projectId });
    }
    return { ...requester, projectId };
  }
}

/** It would be another one when it is done. */
function withoutNewId(step: Step): Step {
  if (step.action !== 'create') return step;
  const { id: _, ...rest } = step;
  return rest;
}
