package encoder

import "math"

// blockInputs is how much of the input is multiplied at a time, so that the used part
// of a panel stays in the L1 cache.
const blockInputs = 384

// A scratch is the memory of one forward pass. Each part ends with room for the
// rows of a tile beyond the last piece.
type scratch struct {
	state   []float32 // pieces × Dim
	qkv     []float32 // pieces × 3·Dim
	context []float32 // pieces × Dim, output of attention
	delta   []float32 // pieces × Dim, what a layer adds to state
	up      []float32 // pieces × Inner

	heads [maxCrew]*head // one for each goroutine, nil until it is used

	word []byte // the embedding of a piece, as it is in a file
}

// A head is memory for one head of attention.
type head struct {
	keys   []float32 // panel, headDim, column
	values []float32 // panel, piece, column
	scores []float32 // of one tile: rows × pieces
}

// newScratch returns memory for a pass over maxPieces.
func newScratch(k *Kernel, maxPieces int) *scratch {
	n := maxPieces + k.rows
	return &scratch{
		state:   make([]float32, n*Dim),
		qkv:     make([]float32, n*3*Dim),
		context: make([]float32, n*Dim),
		delta:   make([]float32, n*Dim),
		up:      make([]float32, n*Inner),
		word:    make([]byte, 4*Dim),
	}
}

// newHead returns memory for the heads of texts of maxPieces.
func newHead(k *Kernel, maxPieces int) *head {
	cols := maxPieces + k.cols
	return &head{make([]float32, headDim*cols), make([]float32, headDim*cols), make([]float32, k.rows*cols)}
}

// A pass computes the vectors of a few texts. Their pieces are stored one after the
// other without padding.
type pass struct {
	*scratch
	*crew
	k    *Kernel
	w    *Encoder
	rows int // pieces of all texts
}

// zeros is the initial value of a product without bias.
var zeros [Inner]float32

// run returns a vector of unit length for each text, given as word pieces.
func (p *pass) run(texts [][]int32) ([][]float32, error) {
	if err := p.begin(texts); err != nil {
		return nil, err
	}
	for i := range p.w.layers {
		l := &p.w.layers[i]
		p.multiply(p.qkv, p.state, &l.qkv)
		p.attend(texts)
		p.multiply(p.delta, p.context, &l.attention)
		p.addNorm(l.attentionNorm)
		p.multiply(p.up, p.state, &l.up)
		p.multiply(p.delta, p.up, &l.down)
		p.addNorm(l.outNorm)
	}
	vectors := make([][]float32, len(texts))
	first := 0
	for i, ids := range texts {
		vectors[i] = mean(p.state[first*Dim : (first+len(ids))*Dim])
		first += len(ids)
	}
	return vectors, nil
}

// begin sets the state of each piece to the embedding of its word and position.
func (p *pass) begin(texts [][]int32) error {
	p.rows = 0
	for _, ids := range texts {
		for i, id := range ids {
			x := p.state[p.rows*Dim:][:Dim]
			if err := p.w.words.Word(x, id, p.word); err != nil {
				return err
			}
			p.k.addNorm(x, p.w.positions[i*Dim:][:Dim], p.w.norm.Scale, p.w.norm.Shift)
			p.rows++
		}
	}
	return nil
}

// addNorm adds delta to the state and normalises it.
func (p *pass) addNorm(n Norm) {
	const rows = 32 // of a part
	p.crew.run((p.rows+rows-1)/rows, func(part, _ int) {
		for i := part * rows; i < min((part+1)*rows, p.rows); i++ {
			p.k.addNorm(p.state[i*Dim:][:Dim], p.delta[i*Dim:][:Dim], n.Scale, n.Shift)
		}
	})
}

// multiply sets c to the output of l for the input a.
func (p *pass) multiply(c, a []float32, l *linear) {
	panels := l.out / p.k.cols
	// The more parts, the less one goroutine waits for the others.
	parts := 1
	if p.size > 1 {
		parts = min(panels, 4*p.size)
	}
	p.crew.run(parts, func(i, _ int) {
		p.multiplyPanels(c, a, l, panels*i/parts, panels*(i+1)/parts)
	})
}

// multiplyPanels multiplies the panels from first up to, but not including, end.
func (p *pass) multiplyPanels(c, a []float32, l *linear, first, end int) {
	rows, cols := p.k.rows, p.k.cols
	for in := 0; in < l.in; in += blockInputs {
		steps := min(blockInputs, l.in-in)
		for panel := first; panel < end; panel++ {
			b := l.panels[(panel*l.in+in)*cols:]
			for i := 0; i < p.rows; i += rows {
				out := c[i*l.out+panel*cols:]
				init, stride := l.bias[panel*cols:], 0
				if in > 0 {
					init, stride = out, l.out
				}
				p.k.tile(steps, a[i*l.in+in:], l.in, b, out, l.out, init, stride)
			}
		}
	}
	for i := 0; l.gelu && i < p.rows; i++ {
		p.k.gelu(c[i*l.out+first*cols : i*l.out+end*cols])
	}
}

// attend sets the context of all pieces. The heads are parts of their own: each has
// columns of its own in the context.
func (p *pass) attend(texts [][]int32) {
	p.crew.run(Heads, func(h, worker int) {
		if p.heads[worker] == nil {
			p.heads[worker] = newHead(p.k, p.w.maxPieces)
		}
		first := 0
		for _, ids := range texts {
			p.attendText(p.heads[worker], h, first, len(ids))
			first += len(ids)
		}
	})
}

// attendText sets the context of head h for the n pieces from first on. It reads and
// writes whole tiles. What it writes beyond the last piece is overwritten by the next
// text or not used.
func (p *pass) attendText(m *head, h, first, n int) {
	k := p.k
	width := (n + k.cols - 1) / k.cols * k.cols
	p.packHead(m, first, n, h*headDim)
	for i := 0; i < n; i += k.rows {
		query := p.qkv[(first+i)*3*Dim+h*headDim:]
		for at := 0; at < width; at += k.cols {
			k.tile(headDim, query, 3*Dim, m.keys[at*headDim:], m.scores[at:], width, zeros[:], 0)
		}
		for r := range k.rows {
			row := m.scores[r*width : (r+1)*width]
			for j := n; j < width; j++ {
				row[j] = -math.MaxFloat32
			}
			k.softmax(row)
		}
		out := p.context[(first+i)*Dim+h*headDim:]
		for at := 0; at < headDim; at += k.cols {
			k.tile(n, m.scores, width, m.values[at*n:], out[at:], Dim, zeros[:], 0)
		}
	}
}

// packHead packs the keys and values of the head at column into panels.
func (p *pass) packHead(m *head, first, n, column int) {
	cols := p.k.cols
	for j := range n {
		row := p.qkv[(first+j)*3*Dim+column:]
		keys := m.keys[j/cols*cols*headDim+j%cols:]
		for d, v := range row[Dim:][:headDim] {
			keys[d*cols] = v
		}
		value := row[2*Dim:][:headDim]
		for at := 0; at < headDim; at += cols {
			copy(m.values[at*n+j*cols:][:cols], value[at:])
		}
	}
}

// mean returns the mean of the rows of state, at unit length.
func mean(state []float32) []float32 {
	v := make([]float32, Dim)
	for i := 0; i < len(state); i += Dim {
		for j, x := range state[i:][:Dim] {
			v[j] += x
		}
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	scale(v, float32(1/math.Sqrt(sum)))
	return v
}
