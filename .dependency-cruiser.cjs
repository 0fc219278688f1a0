// Imports run one way: engine ← graph ← ops ← layers/losses/optim ← trainer ← remote; data and io stand on the engine.
const below = {
  engine: "^src/engine/",
  graph: "^src/(engine|graph)/",
  ops: "^src/(engine|graph|ops)/",
  losses: "^src/(engine|graph|ops|losses)/",
  optim: "^src/(engine|graph|ops|optim)/",
  layers: "^src/(engine|graph|ops|layers)/",
  training: "^src/(engine|graph|ops|layers|losses|optim|data|io|training)/",
  remote: "^src/(engine|graph|ops|layers|losses|optim|data|io|training|remote)/",
  formats: "^src/(engine|graph|ops|layers|io|formats)/",
  data: "^src/(engine|data|io)/",
  io: "^src/(engine|io)/",
};

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(below).map(([layer, allowed]) => ({
      name: `${layer}-imports-only-what-lies-below`,
      severity: "error",
      from: { path: `^src/${layer}/` },
      to: { path: "^(src|examples|bench|test)/", pathNot: allowed },
    })),
    {
      name: "examples-use-the-public-api",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^src/(?!index\\.ts)" },
    },
    {
      name: "no-runtime-dependency",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^build/|^examples/demo/dist/" },
  },
};
