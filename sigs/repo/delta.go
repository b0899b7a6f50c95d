package repo

import "errors"

var errDelta = errors.New("delta is malformed")

// deltaSizes reads the sizes a delta starts with: of the object it changes and of the one it makes.
func deltaSizes(delta []byte) (base, result int64, rest []byte, err error) {
	base, delta, err = deltaSize(delta)
	if err == nil {
		result, delta, err = deltaSize(delta)
	}
	return base, result, delta, err
}

func deltaSize(data []byte) (int64, []byte, error) {
	var size int64
	for i := 0; i < len(data) && i < 9; i++ {
		size |= int64(data[i]&0x7f) << (7 * i)
		if data[i] < 0x80 {
			return size, data[i+1:], nil
		}
	}
	return 0, nil, errDelta
}

// applyDelta returns what a delta makes of base. A delta that was not made for base, reaches outside of it or makes another
// size than it announces is refused, and so is a result of more than limit bytes. See git's gitformat-pack(5).
func applyDelta(base, delta []byte, limit int64) ([]byte, error) {
	baseSize, size, ops, err := deltaSizes(delta)
	if err != nil {
		return nil, err
	}
	if baseSize != int64(len(base)) {
		return nil, errDelta
	}
	if size > limit {
		return nil, &sizeError{size: size, limit: limit}
	}
	out := make([]byte, 0, size)
	for len(ops) > 0 {
		op := ops[0]
		ops = ops[1:]
		var part []byte
		switch {
		case op == 0:
			return nil, errDelta // reserved
		case op < 0x80:
			if int(op) > len(ops) {
				return nil, errDelta
			}
			part, ops = ops[:op], ops[op:]
		default:
			var from, length int
			if from, length, ops, err = copyArguments(op, ops); err != nil {
				return nil, err
			}
			if from+length > len(base) {
				return nil, errDelta
			}
			part = base[from : from+length]
		}
		if len(out)+len(part) > cap(out) {
			return nil, errDelta
		}
		out = append(out, part...)
	}
	if int64(len(out)) != size {
		return nil, errDelta
	}
	return out, nil
}

// copyArguments reads where a copy instruction starts in the base and how long it is: op's bits say which bytes are there.
func copyArguments(op byte, ops []byte) (from, length int, rest []byte, err error) {
	for i := range 7 {
		if op&(1<<i) == 0 {
			continue
		}
		if len(ops) == 0 {
			return 0, 0, nil, errDelta
		}
		if i < 4 {
			from |= int(ops[0]) << (8 * i)
		} else {
			length |= int(ops[0]) << (8 * (i - 4))
		}
		ops = ops[1:]
	}
	if length == 0 {
		length = 0x10000
	}
	return from, length, ops, nil
}
