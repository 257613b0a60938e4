"""What a Python user runs for the tasks that the benchmark measures.

usage: peers.py ingest FILE_OF_ADDRESSES DATABASE
       peers.py split|extract FOLDER
       peers.py embed FOLDER_OF_MODEL fp32|int8

ingest runs once, and prints the seconds that it took and those of processor time. The
others run their task once for each line of JSON on standard input, and print the
seconds. The imports are not counted.
"""

import json
import os
import sys
import time


def read(folder):
    return [open(os.path.join(folder, name), encoding="utf-8").read() for name in sorted(os.listdir(folder))]


def ingest(addresses, database):
    """Fetches pages, splits their text and stores the chunks with vectors that cost nothing to compute."""
    import bs4
    import numpy
    import requests
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from pymilvus import DataType, MilvusClient

    begun, processor = time.perf_counter(), time.process_time()
    session = requests.Session()
    content = bs4.SoupStrainer(class_=("post-title", "post-content"))
    splitter = RecursiveCharacterTextSplitter(chunk_size=2000, chunk_overlap=200)
    rows = []
    for url in open(addresses).read().split():
        reply = session.get(url)
        reply.raise_for_status()
        text = bs4.BeautifulSoup(reply.text, "html.parser", parse_only=content).get_text()
        for chunk in splitter.split_text(text):
            vector = numpy.zeros(384, numpy.float32)
            vector[len(chunk) % 384] = 1
            rows.append({"id": len(rows), "vector": vector, "text": chunk, "source": url})
    client = MilvusClient(database)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=384)
    schema.add_field("text", DataType.VARCHAR, max_length=65535)
    schema.add_field("source", DataType.VARCHAR, max_length=2048)
    params = client.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_collection("pages", schema=schema, index_params=params)
    for i in range(0, len(rows), 1000):
        client.insert("pages", rows[i : i + 1000])
    used = time.perf_counter() - begun, time.process_time() - processor
    client.close()
    return used


def split(folder):
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    texts = read(folder)
    splitter = RecursiveCharacterTextSplitter(chunk_size=2000, chunk_overlap=200)
    return lambda _: [splitter.split_text(text) for text in texts]


def extract(folder):
    import trafilatura

    pages = read(folder)
    return lambda _: [trafilatura.extract(page, output_format="markdown", include_tables=True, include_links=True) for page in pages]


def embed(folder, precision):
    """Embeds texts as sentence-transformers does: sorted by length, in batches that are padded to their longest text."""
    import tempfile

    import numpy
    import onnxruntime
    from tokenizers.implementations import BertWordPieceTokenizer

    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, "model.onnx")
        write_onnx(os.path.join(folder, "model.safetensors"), path)
        if precision == "int8":
            import logging

            from onnxruntime.quantization import QuantType, quantize_dynamic

            logging.disable(logging.WARNING)
            kinds = {"DefaultTensorType": 1}  # FLOAT: the shapes of fused operators are not inferred
            quantize_dynamic(path, path + "8", weight_type=QuantType.QInt8, extra_options=kinds)
            path += "8"
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    tokenizer = BertWordPieceTokenizer(os.path.join(folder, "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()

    def run(request):
        texts = sorted(request["texts"], key=len, reverse=True)
        for i in range(0, len(texts), request["batch"]):
            encoded = tokenizer.encode_batch(texts[i : i + request["batch"]])
            ids = numpy.array([e.ids for e in encoded], numpy.int32)
            mask = numpy.array([e.attention_mask for e in encoded], numpy.int32)
            (states,) = session.run(None, {"ids": ids, "mask": mask})
            weights = mask[:, :, None].astype(numpy.float32)
            vectors = (states * weights).sum(1) / weights.sum(1)
            vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors[-1][:8].tolist()  # of the shortest text, to compare

    return run


def write_onnx(weights, path):
    """Writes the model as a graph of the operators that ONNX Runtime fuses BERT to."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    w = tensors(weights)
    nodes, constants = [], {}

    def constant(name, value):
        constants.setdefault(name, numpy_helper.from_array(numpy.ascontiguousarray(value), name))
        return name

    def weight(name):
        return constant(name, w[name])

    def node(operator, inputs, domain="com.microsoft", **attributes):
        out = f"{operator}{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [out], domain=domain, **attributes))
        return out

    def matmul(x, name):
        return node("MatMul", [x, constant(name + ".t", w[name + ".weight"].T)], "")

    def residual(x, before, dense, norm):
        y = matmul(x, dense)
        return node("SkipLayerNormalization", [y, before, weight(norm + ".weight"), weight(norm + ".bias"), weight(dense + ".bias")], epsilon=1e-12)

    e = "embeddings."
    segments = node("Sub", ["ids", "ids"], "")  # zeros
    x = "embedded"
    nodes.append(helper.make_node("EmbedLayerNormalization", ["ids", segments] + [weight(e + n) for n in (
        "word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias")],
        [x, "unused"], domain="com.microsoft", epsilon=1e-12))
    for i in range(6):
        layer = f"encoder.layer.{i}."
        parts = [layer + "attention.self." + n for n in ("query", "key", "value")]
        qkv = constant(layer + "qkv.weight", numpy.concatenate([w[p + ".weight"].T for p in parts], 1))
        bias = constant(layer + "qkv.bias", numpy.concatenate([w[p + ".bias"] for p in parts]))
        y = node("Attention", [x, qkv, bias, "mask"], num_heads=12)
        x = residual(y, x, layer + "attention.output.dense", layer + "attention.output.LayerNorm")
        y = node("BiasGelu", [matmul(x, layer + "intermediate.dense"), weight(layer + "intermediate.dense.bias")])
        x = residual(y, x, layer + "output.dense", layer + "output.LayerNorm")
    shape = ["batch", "pieces"]
    graph = helper.make_graph(
        nodes, "minilm", [helper.make_tensor_value_info(n, TensorProto.INT32, shape) for n in ("ids", "mask")],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape + [384])], list(constants.values()))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def tensors(path):
    """Reads the tensors of a safetensors file: eight bytes with the size of a header in JSON, the header, the data."""
    import numpy

    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name: numpy.frombuffer(data, numpy.float32, count=int(numpy.prod(t["shape"])), offset=8 + size + t["data_offsets"][0]).reshape(t["shape"])
        for name, t in header.items() if t["dtype"] == "F32"
    }


def main():
    task, arguments = sys.argv[1], sys.argv[2:]
    if task == "ingest":
        print(*ingest(*arguments))
        return
    run = {"split": split, "extract": extract, "embed": embed}[task](*arguments)
    for line in sys.stdin:
        request = json.loads(line)
        begun = time.perf_counter()
        run(request)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
