import { vllmAssignment, runVllmMany, writeVllmModel } from "./support/vllm_worker.ts";
import { writeTinyLora } from "./support/tiny_llama.ts";
const m = writeVllmModel("/tmp/hv/tiny");
const lora = writeTinyLora("/tmp/hv/lora", { headWidth: 32 });
const t=performance.now();
const all = {
 plain: {}, batch: {config:{dataset:{n:9,input_len:33,output_len:20,seed:3}}},
 cache: {engine:{enable_prefix_caching:true, block_size: 32}, config:{dataset:{n:3,input_len:70,output_len:6,seed:3},measure:{min_seconds:0.3}}},
 beams: {vllm:{beam_search:{beam_width:3}}},
 lora: {config:{lora:{adapter_path:lora}}},
 n: {config:{decoder:{do_sample:true,temperature:0.8}},vllm:{sampling:{n:3}}},
 ngram: {engine:{speculative_config:{method:"ngram",num_speculative_tokens:3,prompt_lookup_max:3,prompt_lookup_min:1}}, config:{dataset:{n:3,input_len:12,output_len:60,seed:42}}},
 cut: {config:{dataset:{n:2,input_len:200,output_len:100,seed:42}}},
 notok: {engine:{skip_tokenizer_init:true}},
 seqs: {engine:{max_num_seqs:2}, config:{warmup:{enabled:true,n_warmup:1}, dataset:{n:5,input_len:12,output_len:6,seed:42}}},
};
const names = Deno.args.length ? Deno.args : Object.keys(all);
const said = await runVllmMany(names.map((n) => vllmAssignment(m, (all as any)[n])));
for (const [i, s] of said.entries()) {
  console.log("=====", names[i], s.status.code, s.error?.error_type, s.error?.message, s.error && s.error.traceback);
  const { flops: _, ...metrics } = (s.result?.metrics ?? {}) as any;
  console.log(JSON.stringify(metrics), JSON.stringify(s.notes), JSON.stringify(s.result?.model), s.phases.map((p) => p.name + p.edge).join());
  console.log(s.requests.slice(0,2).map((r) => JSON.stringify(r, (_, v) => typeof v === "bigint" ? String(v) : v)).join("\n"));
}
console.log(performance.now()-t);
