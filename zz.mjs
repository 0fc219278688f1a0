import { build } from "esbuild"; import { readFileSync } from "fs"; import {gzipSync} from "zlib";
const src = readFileSync("test/package/size.test.ts","utf8").match(/const perceptron = `([\s\S]*?)`;/)[1];
const run = async (empty) => { const r = await build({ bundle:true, minify:true, format:"esm", platform:"browser", write:false, metafile:true, stdin:{contents:src,resolveDir:process.cwd()}, plugins:[] });
 return r; };
const r = await run();
const o = Object.values(r.metafile.outputs)[0];
const by = {}; for (const [k,v] of Object.entries(o.inputs)) { const f = k.split("/").slice(0,2).join("/"); by[f]=(by[f]??0)+v.bytesInOutput; }
console.log(gzipSync(r.outputFiles[0].contents,{level:9}).length, by);
const text = r.outputFiles[0].text;
const drop = (re, name) => { const t = text.replace(re, ""); console.log(name, gzipSync(text,{level:9}).length - gzipSync(t,{level:9}).length, text.length - t.length); };
drop(/\{opcodeOffset:.*?\}\}\}\}/s, "layouts");
drop(/"eN[^"]{5000,}"/s, "wasm");
console.log(Object.entries(o.inputs).map(([k,v])=>[v.bytesInOutput,k]).sort((a,b)=>b[0]-a[0]).slice(0,60).map(x=>x.join(" ")).join("\n"));
