package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/citewell/citewell/internal/mask"
)

// A Question is a question that was asked, with its outcome.
type Question struct {
	ID         string             `json:"id"`         // a UUID; RecordQuestion makes one if it is empty
	RequestID  string             `json:"request_id"` // of the log; the client may have chosen it
	AskedAt    time.Time          `json:"asked_at"`   // RecordQuestion sets it to now if it is zero
	Index      string             `json:"index"`
	Question   string             `json:"question"`             // as Config.Redact says
	Standalone string             `json:"standalone,omitempty"` // the search text, if the question was part of a conversation; as Config.Redact says
	Source     string             `json:"source,omitempty"`     // filter of the search
	URLPrefix  string             `json:"url_prefix,omitempty"` // filter of the search
	Lang       string             `json:"lang,omitempty"`       // filter of the search
	Outcome    string             `json:"outcome"`              // one of the Outcome constants
	Mode       string             `json:"mode"`                 // of the answer: "generated", "extractive" or "agentic"
	Reason     string             `json:"reason,omitempty"`     // why there is no answer
	Answered   bool               `json:"answered"`
	Grounded   bool               `json:"grounded"`
	Verified   int                `json:"verified"`  // quotes that were found on their pages
	Total      int                `json:"total"`     // quotes
	Evidence   float64            `json:"evidence"`  // probability that the index holds the answer; 0 if unknown
	Scores     []Score            `json:"scores"`    // what was found, best first
	Citations  []Citation         `json:"citations"` // of the answer
	Timings    map[string]float64 `json:"timings"`   // in milliseconds, such as "retrieval_ms", "model_ms" and "total_ms"
	Tokens     map[string]int     `json:"tokens"`    // such as "prompt_tokens" and "completion_tokens"
	Cost       float64            `json:"cost"`      // in Currency; 0 if unknown
	Currency   string             `json:"currency,omitempty"`
	Model      string             `json:"model,omitempty"`
	Up         int                `json:"up"`   // votes for the answer
	Down       int                `json:"down"` // votes against it
}

// Values of Question.Outcome.
const (
	OutcomeAnswered   = "answered"
	OutcomeUnanswered = "unanswered" // the pages do not answer it
	OutcomeFailed     = "failed"     // Reason is the code of the error
	OutcomeCanceled   = "canceled"   // the client went away
)

// A Score is the score of a chunk that the search found.
type Score struct {
	ChunkID string  `json:"chunk_id"`
	URL     string  `json:"url"`
	Title   string  `json:"title,omitempty"`
	Section string  `json:"section,omitempty"`
	Score   float64 `json:"score"`  // order of the results
	Dense   float64 `json:"dense"`  // cosine
	Sparse  float64 `json:"sparse"` // BM25
	Fused   float64 `json:"fused"`  // of both; 0 unless the search was hybrid
}

// A Citation is a source of an answer, with which one can find out later whether
// the source has changed.
type Citation struct {
	N           int    `json:"n"`
	URL         string `json:"url"`
	ChunkID     string `json:"chunk_id"`
	ContentHash string `json:"content_hash"` // of the chunk at that time
	Quote       string `json:"quote"`
	Verified    bool   `json:"verified"`
}

const questionColumns = `id, request_id, asked_at, index_name, question, standalone, source, outcome, mode, reason, answered, grounded, verified, total,
	scores, citations, timings, tokens, cost, model, url_prefix, lang, evidence, currency`

// selectQuestion selects questionColumns and the votes.
const selectQuestion = `SELECT ` + questionColumns + `,
	(SELECT count(*) FROM feedback WHERE question_id = questions.id AND vote > 0),
	(SELECT count(*) FROM feedback WHERE question_id = questions.id AND vote < 0) FROM questions `

// RecordQuestion stores a question and returns its id. Up and Down are not
// stored: see [DB.AddFeedback]. With an id and an error, the question is stored, but
// old ones could not be deleted.
func (d *DB) RecordQuestion(ctx context.Context, q Question) (string, error) {
	if q.AskedAt.IsZero() {
		q.AskedAt = d.config.Now()
	}
	var err error
	if q.ID == "" {
		q.ID, err = idAt(q.AskedAt)
	} else if err = uuid.Validate(q.ID); err != nil {
		err = errors.New("its id is not a UUID")
	}
	if err != nil {
		return "", fmt.Errorf("state: record question: %w", err)
	}
	if err := d.insertQuestion(ctx, q); err != nil {
		return "", fmt.Errorf("state: record question: %w", err)
	}
	return q.ID, d.pruneOld(ctx)
}

func (d *DB) insertQuestion(ctx context.Context, q Question) error {
	var parts [4]string
	for i, v := range []any{maskScores(q.Scores), maskCitations(q.Citations), q.Timings, q.Tokens} {
		var err error
		if parts[i], err = asJSON(v); err != nil {
			return err
		}
	}
	_, err := d.exec(ctx, `INSERT INTO questions (`+questionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		q.ID, clean(q.RequestID), micros(q.AskedAt), q.Index, d.config.Redact.text(q.Question), d.config.Redact.text(q.Standalone), clean(q.Source), q.Outcome, q.Mode, clean(q.Reason),
		q.Answered, q.Grounded, q.Verified, q.Total, parts[0], parts[1], parts[2], parts[3], q.Cost, q.Model,
		mask.Text(clean(q.URLPrefix)), clean(q.Lang), q.Evidence, q.Currency)
	return err
}

// maskScores returns scores without the secrets of their addresses.
func maskScores(all []Score) []Score {
	all = slices.Clone(all)
	for i := range all {
		all[i].URL = mask.Text(all[i].URL)
	}
	return all
}

// maskCitations returns citations without the secrets of their addresses.
func maskCitations(all []Citation) []Citation {
	all = slices.Clone(all)
	for i := range all {
		all[i].URL = mask.Text(all[i].URL)
	}
	return all
}

// scanQuestion reads a row of selectQuestion.
func scanQuestion(row interface{ Scan(...any) error }) (q Question, err error) {
	var asked int64
	var parts [4]string
	err = row.Scan(&q.ID, &q.RequestID, &asked, &q.Index, &q.Question, &q.Standalone, &q.Source, &q.Outcome, &q.Mode, &q.Reason, &q.Answered, &q.Grounded, &q.Verified, &q.Total,
		&parts[0], &parts[1], &parts[2], &parts[3], &q.Cost, &q.Model, &q.URLPrefix, &q.Lang, &q.Evidence, &q.Currency, &q.Up, &q.Down)
	if errors.Is(err, sql.ErrNoRows) {
		return q, ErrNotFound
	}
	if err != nil {
		return q, err
	}
	q.AskedAt = fromMicros(asked)
	for i, v := range []any{&q.Scores, &q.Citations, &q.Timings, &q.Tokens} {
		if err := json.Unmarshal([]byte(parts[i]), v); err != nil {
			return q, fmt.Errorf("question %s: %w", q.ID, err)
		}
	}
	return q, nil
}

// Question returns the question with an id, or [ErrNotFound].
func (d *DB) Question(ctx context.Context, id string) (Question, error) {
	q, err := scanQuestion(d.queryRow(ctx, selectQuestion+`WHERE id = $1`, id))
	if err != nil {
		return Question{}, fmt.Errorf("state: question: %w", err)
	}
	return q, nil
}

// A QuestionFilter chooses questions. Zero fields choose all.
type QuestionFilter struct {
	From, To  time.Time // from From on, before To
	Index     string
	RequestID string
	After     string // id of the last question on the previous page
	Limit     int    // 0 means 100; 1000 at most
}

// Questions returns questions, newest first.
func (d *DB) Questions(ctx context.Context, f QuestionFilter) ([]Question, error) {
	// Ids sort by asked_at, so that the last id is where the next page begins.
	rows, err := d.query(ctx, selectQuestion+`WHERE (CAST($1 AS BIGINT) = 0 OR asked_at >= $1) AND (CAST($2 AS BIGINT) = 0 OR asked_at < $2) AND ($3 = '' OR index_name = $3)
		AND ($4 = '' OR request_id = $4) AND ($5 = '' OR id < $5) ORDER BY id DESC LIMIT $6`,
		micros(f.From), micros(f.To), f.Index, f.RequestID, f.After, limit(f.Limit))
	if err != nil {
		return nil, fmt.Errorf("state: list questions: %w", err)
	}
	all, err := collect(rows, scanQuestion)
	if err != nil {
		return nil, fmt.Errorf("state: list questions: %w", err)
	}
	return all, nil
}
