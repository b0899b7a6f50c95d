package sigs

// Field is one entry of an assertion file's ordered map, as it stands in the file.
type Field struct {
	Key    string
	Text   string
	Null   bool // nothing stands behind the key
	List   bool // an ordered map stands there: Fields
	Fields []Field
}

// ReadFields reads an assertion file (also a res.yml) as the ordered map of texts it is, without a look at what the texts say.
// It refuses what [ParseAssertion] refuses of the form: aliases, tags, duplicate keys, several documents, excess of any kind.
func ReadFields(data []byte) ([]Field, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	if c := cut(data); len(c.texts) > 0 {
		if fields, err := readFields(c); err == nil {
			return fields, nil
		}
	}
	return readFields(cutting{skeleton: data})
}

func readFields(c cutting) (out []Field, err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has panicked on hostile input before
			out, err = nil, panicked(r)
		}
	}()
	d, err := readDocument(c)
	if err != nil {
		return nil, err
	}
	entries, err := d.fields(d.root, "the assertion")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		f := Field{Key: e.key, Text: e.text, Null: e.node.Tag == "!!null", List: isCollection(e.node)}
		if f.List {
			inner, err := d.fields(e.node, e.key)
			if err != nil {
				return nil, err
			}
			for _, i := range inner {
				if isCollection(i.node) {
					return nil, tooDeep(i)
				}
				f.Fields = append(f.Fields, Field{Key: i.key, Text: i.text, Null: i.node.Tag == "!!null"})
			}
		}
		out = append(out, f)
	}
	if d.used != len(d.texts) {
		return nil, errUnread
	}
	return out, nil
}
