package report

import "strings"

// block is a part of a report that can be cut: what stands above its rows, the rows, and what stands below.
type block struct {
	head  string   // ends with a newline
	rows  []string // each ends with a newline
	foot  string   // ends with a newline
	noun  string   // what one row is, for the note about those that are left out: "signer"
	whole bool     // never cut: the verdict
}

// note says that n rows are missing. It is a paragraph of its own, so that it never becomes a part of a table or a list.
func (b block) note(n int) string {
	if n == 0 {
		return ""
	}
	return "\n*" + count(n, b.noun) + " omitted: the report would be too long.*\n"
}

// least is the length of the shortest form a block has.
func (b block) least() int {
	all := b.length()
	if b.whole {
		return all
	}
	return min(all, len(b.note(max(len(b.rows), 1))))
}

func (b block) length() int {
	n := len(b.head) + len(b.foot)
	for _, row := range b.rows {
		n += len(row)
	}
	return n
}

// within joins blocks in at most limit bytes. Earlier blocks take what room there is; every later one keeps at least the
// note that it was left out. Whole blocks are written even where that breaks the limit.
func within(limit int, blocks []block) string {
	reserved := 0
	for _, b := range blocks {
		reserved += b.least()
	}
	var out strings.Builder
	for _, b := range blocks {
		reserved -= b.least()
		b.write(&out, limit-reserved-out.Len())
	}
	return out.String()
}

// write writes as many rows as there is room for, and says how many there is none for.
func (b block) write(out *strings.Builder, room int) {
	if b.whole || b.length() <= room {
		out.WriteString(b.head + strings.Join(b.rows, "") + b.foot)
		return
	}
	n, used := 0, len(b.head)+len(b.foot)+len(b.note(len(b.rows)))
	for n < len(b.rows) && used+len(b.rows[n]) <= room {
		used += len(b.rows[n])
		n++
	}
	if n == 0 {
		out.WriteString(b.note(max(len(b.rows), 1)))
		return
	}
	out.WriteString(b.head + strings.Join(b.rows[:n], "") + b.foot + b.note(len(b.rows)-n))
}
