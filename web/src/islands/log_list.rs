//! The list of log lines that the server has drawn, and how lines are added to it.

use std::{cell::RefCell, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// More lines than this make a page slow; the oldest go.
const MOST: u32 = 5_000;

/// A log on the page: `<ol>` in a scrolling box.
#[derive(Clone)]
pub struct LogList {
    list: HtmlElement,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    filter: String,
    held: bool,
    waiting: Vec<Element>,
}

impl LogList {
    /// The list with that id.
    pub fn of(id: &str) -> Option<Self> {
        let list = document().get_element_by_id(id)?.dyn_into::<HtmlElement>().ok()?;
        let new = Self { list, state: Rc::default() };
        new.to_end();
        Some(new)
    }

    /// Adds a line; keeps the end in sight if it was. Text only, whatever it holds.
    pub fn add(&self, mark: &str, text: &str, stderr: bool) {
        let Some(line) = self.line(mark, text, stderr) else { return };
        let mut state = self.state.borrow_mut();
        show(&line, &state.filter);
        if state.held {
            state.waiting.push(line);
            if state.waiting.len() > MOST as usize {
                state.waiting.remove(0);
            }
            return;
        }
        drop(state);
        self.push(&line);
    }

    /// Holds new lines back, or shows the ones held back.
    pub fn hold(&self, held: bool) {
        let waiting = {
            let mut state = self.state.borrow_mut();
            state.held = held;
            if held { Vec::new() } else { std::mem::take(&mut state.waiting) }
        };
        waiting.iter().for_each(|line| self.push(line));
    }

    /// Shows only lines with `text` in them.
    pub fn filter(&self, text: &str) {
        let text = text.to_lowercase();
        let lines = self.list.children();
        for line in (0..lines.length()).filter_map(|n| lines.item(n)) {
            show(&line, &text);
        }
        self.state.borrow_mut().filter = text;
    }

    /// Takes all lines away.
    pub fn clear(&self) {
        self.list.set_text_content(None);
    }

    fn line(&self, mark: &str, text: &str, stderr: bool) -> Option<Element> {
        let document = document();
        let line = document.create_element("li").ok()?;
        if stderr {
            line.set_attribute("class", "stderr").ok()?;
        }
        for (tag, content) in [("small", mark), ("span", text)] {
            let part = document.create_element(tag).ok()?;
            part.set_text_content(Some(content));
            line.append_child(&part).ok()?;
        }
        Some(line)
    }

    fn push(&self, line: &Element) {
        let Some(frame) = self.list.parent_element() else { return };
        let at_end = frame.scroll_top() + frame.client_height() + 40 >= frame.scroll_height();
        let _ = self.list.append_child(line);
        while self.list.child_element_count() > MOST {
            let Some(first) = self.list.first_element_child() else { break };
            first.remove();
        }
        if at_end {
            self.to_end();
        }
    }

    fn to_end(&self) {
        if let Some(frame) = self.list.parent_element() {
            frame.set_scroll_top(frame.scroll_height());
        }
    }
}

fn show(line: &Element, filter: &str) {
    let hit =
        filter.is_empty() || line.text_content().is_some_and(|text| text.to_lowercase().contains(filter));
    let _ = if hit { line.remove_attribute("hidden") } else { line.set_attribute("hidden", "") };
}
