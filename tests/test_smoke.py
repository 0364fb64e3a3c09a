def test_imports() -> None:
    import analysis

    assert analysis.__doc__
