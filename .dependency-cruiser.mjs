/**
 * The allow-list of ARCHITECTURE.md: what each folder of src may import.
 * Anything that is not listed is an error; the files of `src` itself alone see everything.
 */
const ALLOWED = {
  lib: ['lib'],
  ovsdb: ['ovsdb', 'lib'],
  openflow: ['openflow', 'lib'],
  topology: ['topology', 'lib'],
  pipeline: ['pipeline', 'openflow', 'lib'],
  compiler: ['compiler', 'topology', 'pipeline', 'openflow', 'lib'],
  config: ['config', 'compiler', 'topology', 'lib'],
  simulator: ['simulator', 'openflow', 'pipeline', 'lib'],
  services: ['services', 'topology', 'openflow', 'lib'],
  store: ['store', 'topology', 'lib'],
  openstack: ['openstack', 'lib'],
  fleet: ['fleet', 'compiler', 'pipeline', 'ovsdb', 'openflow', 'lib'],
  controller: [
    'controller',
    'topology',
    'compiler',
    'services',
    'simulator',
    'store',
    'fleet',
    'lib',
  ],
  cli: ['cli', 'lib'],
  api: ['api', 'controller', 'topology', 'lib'],
};

/** Packages that one folder alone may use. */
const PACKAGE_HOME = {
  'jsonrpc-lite': '^src/ovsdb/wire/',
  'binary-parser': '^src/openflow/wire/',
  ioredis: '^src/store/',
  fastify: '^src/api/',
  typebox: '^src/(api|config)',
  '@fastify': '^src/api/',
  'ip-num': '^src/(topology|compiler)/',
  pino: '^src/lib/',
};

const PURE = '^src/(topology|pipeline|compiler|services|simulator)/';

const folderRules = Object.entries(ALLOWED).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${allowed.join('|')})/` },
}));

const packageRules = Object.entries(PACKAGE_HOME).map(([name, home]) => ({
  name: `${name.replace('@', '')}-has-one-home`,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/${name}(/|$)` },
}));

export default {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: 'pure-folders-know-no-node',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?buffer$' },
    },
    {
      name: 'pipeline-knows-no-channel',
      severity: 'error',
      from: { path: PURE },
      to: { path: '^src/openflow/channel' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'src-imports-no-test-code',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|lab|bench|tools)/' },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
