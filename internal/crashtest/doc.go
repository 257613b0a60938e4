// Package crashtest tests ingestion that is killed.
//
// It has tests only. They kill processes that ingest a generated site into Milvus
// Lite at random moments, half of the time together with Milvus Lite. The next run
// must leave exactly the rows that an undisturbed run leaves.
package crashtest
