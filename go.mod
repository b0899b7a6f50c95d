module github.com/gverify/gverify

go 1.26
