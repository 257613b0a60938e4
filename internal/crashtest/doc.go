// Package crashtest holds ingestion to what it promises when it is killed.
//
// It has tests only: processes that ingest a generated site into Milvus Lite are
// killed at random moments, Milvus Lite with them half of the time, and the run
// after that must leave what an undisturbed one leaves, row for row.
package crashtest
