package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gverify/gverify/report"
)

var codeForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// sourceCodes collects every finding code that the program's source can produce: the values of fields, variables and parameters
// called code, and the literals given to the functions that make findings.
func sourceCodes(t *testing.T) map[string]string {
	t.Helper()
	codes, makers := map[string]string{}, map[string]bool{"note": true}
	root := filepath.Join("..", "..")
	files := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(strings.TrimPrefix(name, root))] = parsed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d source files were found", len(files))
	}
	for _, parsed := range files {
		ast.Inspect(parsed, func(n ast.Node) bool { collectMakers(n, makers); return true })
	}
	for name, parsed := range files {
		ast.Inspect(parsed, func(n ast.Node) bool { collectCodes(n, name, makers, codes); return true })
	}
	return codes
}

// collectMakers finds the functions, methods and function variables that have a parameter called code.
func collectMakers(n ast.Node, makers map[string]bool) {
	takesCode := func(f *ast.FuncType) bool {
		return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool {
			return slices.ContainsFunc(p.Names, func(name *ast.Ident) bool { return name.Name == "code" })
		})
	}
	switch n := n.(type) {
	case *ast.FuncDecl:
		if takesCode(n.Type) {
			makers[n.Name.Name] = true
		}
	case *ast.AssignStmt:
		for i, right := range n.Rhs {
			if f, ok := right.(*ast.FuncLit); ok && takesCode(f.Type) {
				makers[lastName(n.Lhs[i])] = true
			}
		}
	}
}

// collectCodes takes the codes out of one node.
func collectCodes(n ast.Node, file string, makers map[string]bool, codes map[string]string) {
	add := func(e ast.Expr) {
		if code, ok := literal(e); ok && codeForm.MatchString(code) {
			codes[code] = file
		}
	}
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
			add(n.Value)
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if name := lastName(left); (name == "Code" || name == "code") && len(n.Rhs) == len(n.Lhs) {
				add(n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		name := lastName(n.Fun)
		if makers[name] && name != "twinNames" {
			for _, arg := range n.Args {
				add(arg)
			}
		}
		if name == "twinNames" { // signer and release twins: code + "-case-twins", code + "-look-alikes"
			if prefix, ok := literal(n.Args[0]); ok {
				codes[prefix+"-case-twins"], codes[prefix+"-look-alikes"] = file, file
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Every code that a finding can have is explained, and nothing is explained that no finding has.
func TestEveryCodeIsExplained(t *testing.T) {
	found := sourceCodes(t)
	explained := map[string]bool{}
	for _, c := range report.Codes() {
		if explained[c.Code] {
			t.Errorf("%s is explained twice", c.Code)
		}
		explained[c.Code] = true
		if _, ok := found[c.Code]; !ok {
			t.Errorf("gverify help codes explains %s, which no source produces any more", c.Code)
		}
		if c.Severity == "" || c.Meaning == "" || c.Next == "" {
			t.Errorf("%s lacks its severity, meaning or next step", c.Code)
		}
	}
	delete(found, "split") // a bundle that becomes "disputed" or "overruled"
	for code, file := range found {
		if !explained[code] {
			t.Errorf("%s: the finding %s is not in gverify help codes (report/codes.go)", file, code)
		}
	}
	if len(found) < 90 {
		t.Errorf("only %d codes were found in the source", len(found))
	}
}
