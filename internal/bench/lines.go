package main

// lines returns the lines of the table in order.
func lines() []line {
	return []line{
		{"ingest", "s", "a first run on 52 pages, constant vectors, the whole process", "Python: requests, BeautifulSoup, LangChain's splitter, pymilvus; without its imports", limit{0.1, 0}, ingestFirst},
		{"ingest, processor", "s", "the same, in processor time; without Milvus Lite", "the same", limit{}, ingestProcessor},
		{"ingest, memory", "MB", "the same; without Milvus Lite", "the same", limit{1, 0}, ingestMemory},
		{"ingest, unchanged", "s", "a second run on the 52 pages, the whole process", "52 conditional requests one after the other, and the start of Milvus Lite", limit{1.5, 0}, ingestUnchanged},
		{"ingest, local model", "s", "a first run on 6 pages, the whole process", "embedding the same windows and nothing else", limit{1.1, 0}, ingestEmbedding},
		{"split", "ms", "the texts of the 52 pages, recursively, 2000/200", "langchain-text-splitters", limit{0.1, 0}, splitTexts},
		{"extract, Python", "ms", "the main content of the 52 pages as Markdown", "trafilatura", limit{0.5, 0}, extractPython},
		{"extract, Go", "ms", "the same", "go-trafilatura, with its fallbacks", limit{1, 0}, extractGo},
		{"embed, long", "texts/s", "32 texts of 256 word pieces", "ONNX Runtime, fp32, fused", limit{1, 0}, embedLong("fp32")},
		{"embed, mixed", "texts/s", "64 texts of 16 to 256 word pieces", "ONNX Runtime, fp32, fused", limit{1, 0}, embedMixed},
		{"embed, query", "ms", "one text of 12 word pieces", "ONNX Runtime, fp32, fused", limit{1.5, 0}, embedQuery},
		{"embed, int8", "texts/s", "32 texts of 256 word pieces", "ONNX Runtime, int8: other vectors", limit{}, embedLong("int8")},
		{"embed, peak", "GFLOP/s", "32 texts of 256 word pieces", "multiply-adds in registers, on all cores", limit{}, embedPeak},
		{"search, dense", "ms", "POST /v1/search, 10 000 chunks", "embedding the question and one search by the SDK", limit{1, 0.5}, searchBeside("dense")},
		{"search, hybrid", "ms", "POST /v1/search, 10 000 chunks", "embedding the question, both searches at once, and the texts", limit{1, 0.5}, searchBeside("hybrid")},
		{"search, 64 connections", "searches/s", "POST /v1/search, hybrid, 10 000 chunks", "the same by the SDK", limit{0.85, 0}, searchMany},
		{"ask", "ms", "POST /v1/ask without a model, 10 000 chunks", "POST /v1/search", limit{2, 0}, askBesideSearch},
		{"help", "ms", "citewell --help", "", limit{0, 50}, startHelp},
		{"listen", "s", "from the start of citewell serve to a connection", "", limit{0, 0.3}, startListen},
		{"ready", "s", "from the start of citewell serve to /readyz, 10 000 chunks", "Milvus Lite until its first search", limit{1, 0.3}, startReady},
		{"binary", "MB", "the stripped program", "", limit{0, 105}, binarySize},
	}
}
