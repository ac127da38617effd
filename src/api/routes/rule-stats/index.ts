/** What rules of security groups have let through; docs/pipeline.md says how they count. */
import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import type { ApiBackend } from '../../backend.ts';
import { GroupStatsSchema, NeverHitSchema, RuleStatsSchema } from './schema.ts';

interface WithId {
  Params: { id: string };
}

interface WithProject {
  Params: { project: string };
}

const RULE = about('Counts what a rule has let through, answers included', RuleStatsSchema);
const GROUP = about('Counts what each rule of a group has let through', GroupStatsSchema);
const NEVER_HIT = about('Lists the rules of a project that nothing has met', NeverHitSchema);

export function registerRuleStats(app: FastifyInstance, { ruleStats }: ApiBackend): void {
  app.get<WithId>('/v1/security-group-rules/:id/stats', RULE, ({ params, requester }) =>
    ruleStats.ofRule(params.id, requester),
  );
  app.get<WithId>('/v1/security-groups/:id/stats', GROUP, ({ params, requester }) =>
    ruleStats.ofGroup(params.id, requester),
  );
  app.get<WithProject>('/v1/projects/:project/never-hit-rules', NEVER_HIT, (request) =>
    ruleStats.neverHit(request.params.project, request.requester),
  );
}

function about(summary: string, answer: TSchema) {
  const operation = { summary, tag: 'operator', answer: { ...answer }, refusals: [404] };
  return { config: { operation }, schema: { response: { 200: answer } } };
}
