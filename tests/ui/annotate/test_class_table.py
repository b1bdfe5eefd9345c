"""Which class objects get."""


def test_choosing_a_class_leaves_painted_objects_alone(start, annotate, click):
    session = start()
    click(annotate.form.object)
    session.layer.paint((5, 60), 4)
    click(annotate.form.classes.add)
    assert session.parts.classes[4] == 1
    click(annotate.form.classes.give)
    assert session.parts.classes[4] == 2


def test_class_of_a_new_object_can_be_chosen_until_it_is_painted(start, annotate, click):
    session = start()
    click(annotate.form.object)
    click(annotate.form.classes.add)
    assert session.parts.classes[4] == 2
    session.layer.paint((5, 60), 4)
    session.layer.undo()
    annotate.form.classes.choose(1)
    session.layer.paint((5, 60), 4)
    assert session.parts.classes == {1: 1, 2: 1, 3: 1, 4: 1}


def test_each_class_has_a_name_of_its_own(start, annotate, click):
    names, table = start().parts.class_names, annotate.form.classes
    click(table.add)
    click(table.add)
    table.table.item(1, 0).setText("cell")
    table.table.item(2, 0).setText(" cell")
    assert names == ["object", "cell", "class 3"]
    assert table.table.item(2, 0).text() == "class 3"
    assert "There is a class “cell” already" in annotate.form.work_error.text()
    table.table.item(2, 0).setText("other")
    assert annotate.form.work_error.text() == ""
    table.table.item(1, 0).setText("class 4")
    click(table.add)
    assert names == ["object", "class 4", "other", "class 5"]


def test_choosing_a_class_leaves_what_is_no_object_alone(start, annotate, click):
    session = start()
    session.layer.selected_label = 0
    click(annotate.form.classes.add)
    assert session.parts.classes == {1: 1, 2: 1, 3: 1}
